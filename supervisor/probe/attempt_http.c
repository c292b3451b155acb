/*
 * http: passes when an answer has a wanted status, and is the one that was asked for. Without a host both
 * loopbacks are asked at once, and either will do.
 *
 * Where the status decides, it passes as soon as the headers are there: what a server then does with its body
 * is no concern of ours, and the rest is only read to keep the connection.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attempt_kind.h"
#include "base/memory.h"
#include "base/text.h"
#include "curl_library.h"
#include "http_check.h"

/* The attempt's own timer comes first; this bounds what goes on behind it. */
#define DRAIN_MS 1000

struct http_attempt;

struct http_leg {
    struct http_attempt *owner;
    struct http_call *call; /* NULL once it is over */
    const char *address;    /* as a result names it; NULL where the plan names a host */
    struct http_check check;
    bool answered; /* a reason that came from an answer says more than "connection refused" */
    bool decided;
    char *reason;
};

struct http_attempt {
    struct attempt base;
    uv_work_t loading;
    struct http_leg legs[2];
    size_t leg_count;
    size_t failed;
};

static void pass_leg(struct http_leg *leg)
{
    leg->decided = true;
    attempt_pass(&leg->owner->base, leg->address);
}

/* The best of the legs' reasons: of one that was answered, else the first; owned by the caller. */
static char *take_reason(struct http_attempt *http)
{
    struct http_leg *best = NULL;
    for (size_t i = 0; i < http->leg_count; i++) {
        struct http_leg *leg = &http->legs[i];
        if (leg->reason && (!best || (leg->answered && !best->answered)))
            best = leg;
    }
    char *reason = best ? best->reason : NULL;
    if (best)
        best->reason = NULL;
    return reason;
}

static void fail_leg(struct http_leg *leg, char *reason)
{
    leg->decided = true;
    leg->reason = reason;
    if (++leg->owner->failed == leg->owner->leg_count)
        attempt_fail(&leg->owner->base, take_reason(leg->owner));
}

static void judge(struct http_leg *leg, enum http_verdict verdict)
{
    if (verdict == HTTP_GOOD)
        pass_leg(leg);
    else if (verdict == HTTP_BAD)
        fail_leg(leg, memory_copy_text(leg->check.reason));
}

static void on_header(void *context, const char *line, size_t length)
{
    struct http_leg *leg = context;
    http_check_header(&leg->check, line, length);
}

static void on_head(void *context, int status)
{
    struct http_leg *leg = context;
    leg->answered = true;
    judge(leg, http_check_head(&leg->check, status));
}

static void on_data(void *context, const char *data, size_t length)
{
    struct http_leg *leg = context;
    if (!leg->decided)
        http_check_data(&leg->check, data, length);
}

static char *silence_text(const struct http_attempt *http)
{
    char *time = attempt_time_text(&http->base);
    char *text = text_format("no answer in %s", time);
    free(time);
    return text;
}

static void on_done(void *context, const struct http_result *result)
{
    struct http_leg *leg = context;
    leg->call = NULL;
    if (leg->decided)
        return;
    if (result->timed_out)
        fail_leg(leg, silence_text(leg->owner));
    else if (result->error)
        fail_leg(leg, memory_copy_text(result->error));
    else if (!leg->answered)
        fail_leg(leg, memory_copy_text("the headers of the answer have no end"));
    else
        judge(leg, http_check_body(&leg->check));
}

static const struct http_handler handler = {
    .header = on_header, .head = on_head, .data = on_data, .done = on_done};

static void start_leg(struct http_attempt *http, const char *url, const char *address)
{
    struct http_leg *leg = &http->legs[http->leg_count++];
    const struct probe_plan *plan = http->base.plan;
    struct http_request request = {.url = url,
                                   .unix_socket = plan->unix_socket,
                                   .headers = &plan->headers,
                                   .timeout_ms = http->base.timeout_ms + DRAIN_MS,
                                   .answer_limit = HTTP_CHECK_LIMIT};
    leg->owner = http;
    leg->address = address;
    http_check_init(&leg->check, plan);
    leg->call = http_call_start(http->base.context->http, &request, &handler, leg);
}

static char *url_at(const struct probe_plan *plan, const char *host)
{
    const char *path = plan->path ? plan->path : "/";
    const char *slash = path[0] == '/' ? "" : "/";
    if (strchr(host, ':') && host[0] != '[')
        return text_format("http://[%s]:%d%s%s", host, plan->port, slash, path);
    return text_format("http://%s:%d%s%s", host, plan->port, slash, path);
}

static bool asks_both_loopbacks(const struct probe_plan *plan)
{
    return !plan->url && !plan->unix_socket && (!plan->host || strcasecmp(plan->host, "localhost") == 0);
}

static char *only_url(const struct probe_plan *plan)
{
    if (plan->url)
        return memory_copy_text(plan->url);
    if (plan->unix_socket)
        return text_format("http://localhost%s%s", plan->path && plan->path[0] == '/' ? "" : "/",
                           plan->path ? plan->path : "");
    return url_at(plan, plan->host);
}

static void ask(struct http_attempt *http)
{
    struct probe_context *context = http->base.context;
    const struct probe_plan *plan = http->base.plan;
    if (!context->http)
        context->http = http_client_create(context->loop);
    if (!context->http) {
        attempt_fail(&http->base, memory_copy_text("libcurl is not there or cannot be initialised"));
        return;
    }
    bool both = asks_both_loopbacks(plan);
    char *url = both ? url_at(plan, "127.0.0.1") : only_url(plan);
    start_leg(http, url, both ? "127.0.0.1" : NULL);
    free(url);
    if (!both)
        return;
    url = url_at(plan, "::1");
    start_leg(http, url, "::1");
    free(url);
}

static void load_libcurl(uv_work_t *work)
{
    curl_library_get();
}

static void on_loaded(uv_work_t *work, int status)
{
    struct http_attempt *http = work->data;
    if (!http->base.over)
        ask(http);
    attempt_release(&http->base);
}

static void http_start(struct attempt *attempt)
{
    struct http_attempt *http = (struct http_attempt *)attempt;
    http->loading.data = http;
    if (curl_library_is_loaded() ||
        uv_queue_work(attempt->context->loop, &http->loading, load_libcurl, on_loaded) != 0)
        ask(http);
    else
        attempt_hold(attempt);
}

static bool was_answered(const struct http_attempt *http)
{
    for (size_t i = 0; i < http->leg_count; i++)
        if (http->legs[i].reason && http->legs[i].answered)
            return true;
    return false;
}

/* An answer without an end may have said enough already. */
static void http_expire(struct attempt *attempt)
{
    struct http_attempt *http = (struct http_attempt *)attempt;
    for (size_t i = 0; i < http->leg_count && !attempt->over; i++) {
        struct http_leg *leg = &http->legs[i];
        if (leg->answered && !leg->decided)
            judge(leg, http_check_body(&leg->check));
    }
    if (attempt->over)
        return;
    if (was_answered(http)) {
        attempt_fail(attempt, take_reason(http));
        return;
    }
    attempt_fail(attempt, silence_text(http));
}

static void http_stop(struct attempt *attempt)
{
    struct http_attempt *http = (struct http_attempt *)attempt;
    for (size_t i = 0; i < http->leg_count; i++) {
        struct http_leg *leg = &http->legs[i];
        if (leg->decided)
            http_call_drain(leg->call);
        else
            http_call_cancel(leg->call);
        leg->call = NULL;
    }
}

static void http_finish(struct attempt *attempt)
{
    struct http_attempt *http = (struct http_attempt *)attempt;
    for (size_t i = 0; i < http->leg_count; i++) {
        http_check_finish(&http->legs[i].check);
        free(http->legs[i].reason);
    }
}

const struct attempt_kind attempt_kind_http = {.size = sizeof(struct http_attempt),
                                               .start = http_start,
                                               .expire = http_expire,
                                               .stop = http_stop,
                                               .finish = http_finish};

void probe_context_forget(struct probe_context *context, const struct probe_plan *plan)
{
    if (!context->http || plan->kind != PROBE_HTTP)
        return;
    bool both = asks_both_loopbacks(plan);
    char *url = both ? url_at(plan, "127.0.0.1") : only_url(plan);
    http_client_forget(context->http, url, plan->unix_socket);
    free(url);
    if (!both)
        return;
    url = url_at(plan, "::1");
    http_client_forget(context->http, url, NULL);
    free(url);
}

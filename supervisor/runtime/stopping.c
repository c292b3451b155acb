/*
 * Asking a sidecar to end: by a signal, a request, a command or the end of its input (lifecycle.md,
 * 'Stopping'). Where the asking fails an event says so; its grace runs on, and then its tree is killed.
 */
#include <stdlib.h>

#include "base/text.h"
#include "runtime_internal.h"

static void tell(struct sidecar *sidecar, const char *what, const char *why)
{
    feed_add(sidecar->runtime->feed, LEVEL_WARN, KIND_SIDECAR_NOTICE, sidecar->plan->name, NULL,
             "the %s that should stop %s %s; it is killed when its grace is over", what, sidecar->plan->name,
             why);
}

static void on_command_done(void *context, int exit_code, int signal)
{
    struct sidecar *sidecar = context;
    sidecar->stop_job = NULL;
    if (exit_code != 0)
        tell(sidecar, "command", "did not succeed");
}

static void run_command(struct sidecar *sidecar)
{
    struct error error = {0};
    sidecar->stop_job = job_run(sidecar->runtime->jobs, &sidecar->plan->stop.command, sidecar->plan->cwd,
                                on_command_done, sidecar, &error);
    if (!sidecar->stop_job)
        tell(sidecar, "command", error.message);
    error_finish(&error);
}

static void on_request_done(void *context, const struct http_result *result)
{
    struct sidecar *sidecar = context;
    sidecar->stop_call = NULL;
    /* A server that ends at once may well break the connection off: only an answer that refuses is told. */
    if (result->status >= 400) {
        char *why = text_format("was answered with %d", result->status);
        tell(sidecar, "request", why);
        free(why);
    }
}

static void send_request(struct sidecar *sidecar)
{
    static const struct http_handler handler = {.done = on_request_done};
    struct runtime *runtime = sidecar->runtime;
    if (!runtime->http)
        runtime->http = http_client_create(runtime->loop);
    if (!runtime->http) {
        tell(sidecar, "request", "cannot be sent");
        return;
    }
    char *url = text_format("http://127.0.0.1:%d%s", sidecar->plan->port, sidecar->plan->stop.http_path);
    struct http_request request = {
        .method = "POST", .url = url, .timeout_ms = sidecar->plan->stop.grace_ms, .answer_limit = 65536};
    sidecar->stop_call = http_call_start(runtime->http, &request, &handler, sidecar);
    free(url);
}

void stopping_begin(struct sidecar *sidecar)
{
    const struct stop_plan *stop = &sidecar->plan->stop;
    if (!sidecar->child)
        return;
    switch (stop->means) {
    case STOP_BY_SIGNAL:
        child_stop(sidecar->child, stop->signal, stop->only_child);
        return;
    case STOP_BY_STDIN:
        child_close_stdin(sidecar->child);
        break;
    case STOP_BY_COMMAND:
        run_command(sidecar);
        break;
    case STOP_BY_HTTP:
        send_request(sidecar);
        break;
    }
    child_clear(sidecar->child, stop->signal);
}

void stopping_end(struct sidecar *sidecar)
{
    job_cancel(sidecar->stop_job);
    if (sidecar->stop_call)
        http_call_cancel(sidecar->stop_call);
    sidecar->stop_job = NULL;
    sidecar->stop_call = NULL;
}

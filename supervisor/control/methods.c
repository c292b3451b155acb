#include "methods.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher.h"
#include "params.h"
#include "session.h"

/* runtime_diagnostics and sidecar_logs (control.md). What a ring can hold at most bounds a tail. */
#define DIAGNOSTICS_DEFAULT 80
#define DIAGNOSTICS_MAX     300
#define TAIL_DEFAULT        100
#define TAIL_MAX            100000

struct method;

/* A request on its way into the target. */
struct call {
    const struct method *method;
    const struct session *session;
    const struct control_target *target;
    struct params params;
    struct request *request;
};

struct method {
    const char *name;
    void (*handle)(struct call *call);
    bool changes; /* something: it takes a timeout_ms and is named to the target */
};

/* To be asked once all params are read. False: the request was refused and is gone. */
static bool accept_call(struct call *call)
{
    int64_t timeout_ms = DEFAULT_TIMEOUT_MS;
    if (call->method->changes) {
        timeout_ms = params_integer(&call->params, "timeout_ms", DEFAULT_TIMEOUT_MS);
        if (timeout_ms < 0)
            params_refuse(&call->params, "timeout_ms", "milliseconds, or 0 for no limit");
    }
    if (call->params.fault) {
        request_fail(call->request, RPC_INVALID_PARAMS, NULL, "%s", call->params.fault);
        return false;
    }
    if (call->method->changes) {
        request_set_timeout(call->request, timeout_ms);
        call->target->operations->note_request(call->target->context, call->method->name,
                                               call->session->transport->name, call->session->client);
    }
    return true;
}

static void handle_status(struct call *call)
{
    bool detail = params_flag(&call->params, "detail", false);
    if (accept_call(call))
        request_answer(call->request, call->target->operations->status(call->target->context, detail));
}

static int clamp(int64_t value, int least, int most)
{
    return value < least ? least : value > most ? most : (int)value;
}

static void handle_diagnostics(struct call *call)
{
    static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
    struct params *params = &call->params;
    struct diagnostics_params wanted = {
        .limit = clamp(params_integer(params, "limit", DIAGNOSTICS_DEFAULT), 1, DIAGNOSTICS_MAX),
        .has_since = params_has(params, "since_seq"),
        .since_seq = params_integer(params, "since_seq", 0),
        .level = params_choice(params, "level", levels),
        .source = params_text(params, "source"),
    };
    if (accept_call(call))
        request_answer(call->request, call->target->operations->diagnostics(call->target->context, &wanted));
}

static void handle_logs(struct call *call)
{
    struct params *params = &call->params;
    const char *name = params_needed_text(params, "name");
    struct logs_params wanted = {
        .tail = clamp(params_integer(params, "tail", TAIL_DEFAULT), 0, TAIL_MAX),
        .has_since = params_has(params, "since_seq"),
        .since_seq = params_integer(params, "since_seq", 0),
    };
    if (accept_call(call))
        call->target->operations->logs(call->target->context, name, &wanted, call->request);
}

static void handle_start(struct call *call)
{
    struct params *params = &call->params;
    struct start_params wanted = {
        .mode = params_text(params, "mode"),
        .profile_path = params_text(params, "profile_path"),
        .mongo_bin = params_text(params, "mongo_bin"),
        .python_bin = params_text(params, "python_bin"),
        .ollama_bin = params_text(params, "ollama_bin"),
        .web_dev = params_flag(params, "web_dev", false),
        .has_web_dev = params_has(params, "web_dev"),
    };
    if (wanted.profile_path && wanted.profile_path[0] != '/')
        params_refuse(params, "profile_path", "an absolute path");
    if (accept_call(call))
        call->target->operations->start(call->target->context, &wanted, call->request);
}

static void runtime_verb(struct call *call, enum runtime_verb verb)
{
    if (accept_call(call))
        call->target->operations->runtime(call->target->context, verb, call->request);
}

static void handle_stop(struct call *call)
{
    runtime_verb(call, RUNTIME_STOP);
}

static void handle_restart(struct call *call)
{
    runtime_verb(call, RUNTIME_RESTART);
}

static void handle_shutdown(struct call *call)
{
    runtime_verb(call, RUNTIME_SHUTDOWN);
}

static void sidecar_verb(struct call *call, enum sidecar_verb verb)
{
    const char *name = params_needed_text(&call->params, "name");
    if (accept_call(call))
        call->target->operations->sidecar(call->target->context, verb, name, call->request);
}

static void handle_sidecar_start(struct call *call)
{
    sidecar_verb(call, SIDECAR_START);
}

static void handle_sidecar_stop(struct call *call)
{
    sidecar_verb(call, SIDECAR_STOP);
}

static void handle_sidecar_restart(struct call *call)
{
    sidecar_verb(call, SIDECAR_RESTART);
}

/* Sorted by name. */
static const struct method methods[] = {
    {"runtime_diagnostics", handle_diagnostics, false},
    {"runtime_restart", handle_restart, true},
    {"runtime_start", handle_start, true},
    {"runtime_status", handle_status, false},
    {"runtime_stop", handle_stop, true},
    {"shutdown", handle_shutdown, true},
    {"sidecar_logs", handle_logs, false},
    {"sidecar_restart", handle_sidecar_restart, true},
    {"sidecar_start", handle_sidecar_start, true},
    {"sidecar_stop", handle_sidecar_stop, true},
};

static int compare_name(const void *name, const void *method)
{
    return strcmp(name, ((const struct method *)method)->name);
}

static const struct method *find_method(const char *name)
{
    static const char prefix[] = "desktop_";
    if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
        name += sizeof(prefix) - 1;
    return bsearch(name, methods, sizeof(methods) / sizeof(*methods), sizeof(*methods), compare_name);
}

void methods_dispatch(const struct session *session, struct request *request, const char *name,
                      const cJSON *given)
{
    struct call call = {.method = find_method(name),
                        .session = session,
                        .target = &request->dispatcher->target,
                        .request = request};
    if (!call.method) {
        request_fail(request, RPC_METHOD_NOT_FOUND, NULL, "Method not found: %.100s", name);
        return;
    }
    params_init(&call.params, given);
    call.method->handle(&call);
    params_finish(&call.params);
}

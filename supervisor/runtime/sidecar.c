#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "platform/clock.h"
#include "runtime_internal.h"

static void on_line(void *context, const struct log_line *line)
{
    struct sidecar *sidecar = context;
    const struct runtime_listener *listener = &sidecar->runtime->listener;
    if (listener->line)
        listener->line(listener->context, sidecar->plan->name, line->stream, line->ts_ms, line->text);
    if (prober_wants_lines(sidecar->prober))
        prober_feed_line(sidecar->prober, line->text, line->length);
}

static void on_log_file(void *context, const char *name, const char *text)
{
    struct sidecar *sidecar = context;
    if (text)
        feed_add(sidecar->runtime->feed, LEVEL_WARN, KIND_SIDECAR_NOTICE, name, NULL,
                 "the log file of %s cannot be written: %s; its lines are kept in memory alone", name, text);
    else
        feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, KIND_SIDECAR_NOTICE, name, NULL,
                 "the log file of %s can be written again", name);
}

static struct probe_plan watch_plan(const struct sidecar_plan *plan)
{
    struct probe_plan watch = plan->ready;
    watch.interval_ms = plan->live.interval_ms;
    watch.timeout_ms = plan->live.timeout_ms;
    watch.failures = plan->live.failures;
    return watch;
}

void sidecar_init(struct sidecar *sidecar, struct runtime *runtime, struct service *service)
{
    *sidecar = (struct sidecar){.runtime = runtime, .plan = service->plan, .service = service};
    sidecar->watch = watch_plan(sidecar->plan);
    sidecar->prober = prober_create(runtime->probes, driver_prober_result, sidecar);
    sidecar->redactor = redaction_of_sidecar(runtime, sidecar->plan);
    sidecar->log = log_create(&(struct log_options){
        .name = sidecar->plan->name,
        .folder = runtime->logs_folder,
        .plan = &sidecar->plan->logs,
        .first_seq = runtime->log_seq,
        .redactor = sidecar->redactor,
        .file_changed = on_log_file,
        .context = sidecar,
    });
    sidecar->log_listener = log_listen(sidecar->log, on_line, sidecar);
}

void sidecar_finish(struct sidecar *sidecar)
{
    look_cancel(sidecar);
    stopping_end(sidecar);
    child_destroy(sidecar->child);
    prober_destroy(sidecar->prober);
    log_unlisten(sidecar->log, sidecar->log_listener);
    log_destroy(sidecar->log);
    redactor_destroy(sidecar->redactor);
    strings_finish(&sidecar->exit_stderr);
    free(sidecar->elsewhere);
    *sidecar = (struct sidecar){0};
}

struct sidecar *sidecar_of(struct runtime *runtime, const struct service *service)
{
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        if (runtime->sidecars[i].service == service)
            return &runtime->sidecars[i];
    return NULL;
}

struct sidecar *sidecar_find(struct runtime *runtime, const char *name)
{
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        if (strcmp(runtime->sidecars[i].plan->name, name) == 0)
            return &runtime->sidecars[i];
    return NULL;
}

static void post(struct sidecar *sidecar, const struct service_event *event)
{
    fleet_post(sidecar->runtime->fleet, sidecar->service, event);
}

static void on_output(void *context, int stream, const char *data, size_t length)
{
    struct sidecar *sidecar = context;
    if (length == 0)
        log_flush_partial(sidecar->log, stream, clock_wall_ms());
    else
        log_write(sidecar->log, stream, data, length, clock_wall_ms());
}

static void on_exited(void *context, int code, int signal)
{
    struct sidecar *sidecar = context;
    struct error error = {0};
    log_flush_partial(sidecar->log, 1, clock_wall_ms());
    log_flush_partial(sidecar->log, 2, clock_wall_ms());
    strings_finish(&sidecar->exit_stderr);
    log_stderr_tail(sidecar->log, &sidecar->exit_stderr);
    exit_error(sidecar, code, signal, &error);
    post(sidecar, &(struct service_event){
                      .kind = EVENT_EXITED, .exit_code = code, .exit_signal = signal, .error = &error});
    error_finish(&error);
}

static void on_gone(void *context)
{
    struct sidecar *sidecar = context;
    child_destroy(sidecar->child);
    sidecar->child = NULL;
    sidecar->usage = (struct usage){0};
    stopping_end(sidecar);
    post(sidecar, &(struct service_event){.kind = EVENT_TREE_GONE});
}

static void on_refused(void *context, const char *process)
{
    struct sidecar *sidecar = context;
    feed_add(sidecar->runtime->feed, LEVEL_ERROR, KIND_SIDECAR_NOTICE, sidecar->plan->name, NULL,
             "%s started %s, which runs as another user and cannot be ended by this one; see to it by hand",
             sidecar->plan->name, process);
}

static bool is_permanent(int code)
{
    return code == ERROR_BINARY_NOT_FOUND || code == ERROR_NOT_EXECUTABLE || code == ERROR_MISSING_PATH;
}

void sidecar_launch(struct sidecar *sidecar)
{
    struct runtime *runtime = sidecar->runtime;
    struct strings environment = {0};
    struct error error = {0};
    plan_child_environment(sidecar->plan, &runtime->environment, runtime->id,
                           control_server_socket(runtime->server), &environment);
    char *mark = text_format("SIDECARD_NAME=%s", sidecar->plan->name);
    struct child_options options = {
        .arguments = &sidecar->plan->command,
        .environment = &environment,
        .folder = sidecar->plan->cwd,
        .hold_stdin = sidecar->plan->hold_stdin || sidecar->plan->stop.means == STOP_BY_STDIN,
        .mark = mark,
        .listener = {.context = sidecar,
                     .output = on_output,
                     .exited = on_exited,
                     .gone = on_gone,
                     .refused = on_refused},
    };
    log_begin_start(sidecar->log);
    free(sidecar->elsewhere);
    sidecar->elsewhere = NULL;
    sidecar->elsewhere_at = clock_monotonic_ms();
    int result = child_start(runtime->reaper, &options, &sidecar->child, &error);
    struct service_event event;
    if (result == 0) {
        ledger_note(runtime->ledger, child_pid(sidecar->child), sidecar->plan->name);
        event = (struct service_event){.kind = EVENT_LAUNCHED, .pid = child_pid(sidecar->child)};
    } else {
        char *line = text_format("%s: %s", sidecar->plan->name, error.message);
        free(error.message);
        error.message = line;
        event = (struct service_event){
            .kind = EVENT_LAUNCH_FAILED, .permanent = is_permanent(result), .error = &error};
    }
    post(sidecar, &event);
    error_finish(&error);
    free(mark);
    strings_finish(&environment);
}

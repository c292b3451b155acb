#include "runtime.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "platform/clock.h"
#include "files/files.h"
#include "platform/host.h"
#include "platform/lock.h"
#include "ports.h"
#include "runtime_internal.h"

/* ---- the launch that it keeps ---- */

static const char *keep(struct runtime *runtime, const char *text)
{
    if (!text)
        return NULL;
    strings_add(&runtime->launch_texts, text);
    return runtime->launch_texts.items[runtime->launch_texts.count - 1];
}

static void keep_launch(struct runtime *runtime, const struct launch *launch)
{
    const struct plan_flags *flags = &launch->flags;
    runtime->launch = (struct launch){
        /* Found once; a later start must not find another one because the folder changed. */
        .profile_path = keep(runtime, runtime->plan->profile_path),
        .flags =
            {
                .mode = keep(runtime, flags->mode),
                .data_dir = keep(runtime, flags->data_dir),
                .workspace_root = keep(runtime, flags->workspace_root),
                .backend_url = keep(runtime, flags->backend_url),
                .web_port = keep(runtime, flags->web_port),
                .backend_port = keep(runtime, flags->backend_port),
                .mongo_port = keep(runtime, flags->mongo_port),
                .ollama_port = keep(runtime, flags->ollama_port),
                .mongo_bin = keep(runtime, flags->mongo_bin),
                .python_bin = keep(runtime, flags->python_bin),
                .ollama_bin = keep(runtime, flags->ollama_bin),
                .web_dev = flags->web_dev,
                .no_auto_restart = flags->no_auto_restart,
                .no_live = flags->no_live,
            },
    };
}

/* ---- the plan and what stands for it ---- */

/* Children read JSON: where the profile is YAML, a copy of the document lies in the runtime's folder. */
static int write_child_profile(struct runtime *runtime, struct error *error)
{
    const struct plan *plan = runtime->plan;
    if (!plan->child_profile_text)
        return 0;
    return files_write_whole(plan->child_profile_path, plan->child_profile_text,
                             strlen(plan->child_profile_text), error);
}

void runtime_write_documents(struct runtime *runtime)
{
    struct error error = {0};
    if (write_child_profile(runtime, &error) != 0)
        feed_add(runtime->feed, LEVEL_ERROR, KIND_RUNTIME_NOTICE, "runtime", NULL,
                 "%s; children that read their profile will miss it", error.message);
    error_finish(&error);
    if (ports_remember(runtime->folder, runtime->plan, &error) != 0)
        feed_add(runtime->feed, LEVEL_WARN, KIND_RUNTIME_NOTICE, "runtime", NULL,
                 "%s; ports that were picked may be others next time", error.message);
    error_finish(&error);
}

void runtime_take_plan(struct runtime *runtime, struct plan *plan)
{
    runtime->plan = plan;
    own_log_head(runtime->own_log, plan);
    redactor_destroy(runtime->redactor);
    runtime->redactor = redaction_of_events(runtime);
    runtime_write_documents(runtime);
    runtime->fleet = fleet_create(plan, &runtime->driver);
    runtime->sidecar_count = fleet_count(runtime->fleet);
    runtime->sidecars = memory_new(runtime->sidecar_count, sizeof(*runtime->sidecars));
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        sidecar_init(&runtime->sidecars[i], runtime, fleet_service(runtime->fleet, i));
    if (runtime->server)
        control_server_set_mode(runtime->server, mode_name(plan->mode));
    cJSON *data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "path", plan->profile_path);
    cJSON_AddStringToObject(data, "mode", mode_name(plan->mode));
    feed_add(runtime->feed, LEVEL_OF_KIND, KIND_PROFILE_LOADED, "profile", data, "profile %s, mode %s",
             plan->profile_path, mode_name(plan->mode));
    for (size_t i = 0; i < plan->notices.count; i++)
        feed_add(runtime->feed, LEVEL_OF_KIND, KIND_RUNTIME_NOTICE, "runtime", NULL, "%s",
                 plan->notices.items[i]);
}

void runtime_drop_plan(struct runtime *runtime)
{
    if (!runtime->plan)
        return;
    waiters_refuse_starts(runtime, "another plan is in force now");
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        sidecar_finish(&runtime->sidecars[i]);
    free(runtime->sidecars);
    fleet_destroy(runtime->fleet);
    plan_finish(runtime->plan);
    free(runtime->plan);
    runtime->sidecars = NULL;
    runtime->sidecar_count = 0;
    runtime->fleet = NULL;
    runtime->plan = NULL;
}

/* ---- opening ---- */

static void on_feed_event(void *context, const struct event *event, const char *line)
{
    struct runtime *runtime = context;
    own_log_event(runtime->own_log, event);
    if (runtime->listener.event)
        runtime->listener.event(runtime->listener.context, event);
}

static void open_loop_parts(struct runtime *runtime)
{
    uv_timer_init(runtime->loop, &runtime->timer);
    uv_timer_init(runtime->loop, &runtime->end_timer);
    runtime->timer.data = runtime;
    runtime->end_timer.data = runtime;
    runtime->reaper = reaper_create(runtime->loop);
    runtime->jobs = jobs_create(runtime);
    struct probe_exec_host exec = jobs_exec_host(runtime->jobs);
    runtime->probes = probe_context_create(runtime->loop, &exec);
    runtime->waiters = waiters_create();
    runtime->sampler = sampler_create(runtime);
}

static char *redact_event(void *context, const char *text)
{
    struct runtime *runtime = context;
    return runtime->redactor ? redactor_text(runtime->redactor, text) : NULL;
}

static void open_feed(struct runtime *runtime, const struct strings *notices)
{
    struct feed_options options = {
        .folder = runtime->folder,
        .snapshot_path = runtime->plan->diagnostics_path,
        .max_events = (size_t)runtime->plan->max_events,
        .sync_always = runtime->plan->diagnostics_sync_always,
        .redact = redact_event,
        .redact_context = runtime,
    };
    runtime->redactor = redaction_of_events(runtime);
    runtime->feed = feed_create(runtime->loop, &options);
    runtime->feed_listener = feed_listen(runtime->feed, on_feed_event, runtime);
    for (size_t i = 0; i < notices->count; i++)
        feed_add(runtime->feed, LEVEL_WARN, KIND_RUNTIME_NOTICE, "runtime", NULL, "%s", notices->items[i]);
}

static void on_shell_gone(void *context)
{
    runtime_end(context, "the shell is gone");
}

static int open_server(struct runtime *runtime, const struct shell_ends *shell, struct error *error)
{
    struct control_target target = {.operations = &runtime_control_operations, .context = runtime};
    struct control_place place = {
        .folder = runtime->folder,
        .data_dir = runtime->plan->data_dir,
        .socket = runtime->plan->control_socket,
        .mode = mode_name(runtime->plan->mode),
        .started_at_ms = runtime->opened_at,
    };
    int result = control_server_open(runtime->loop, &target, &place, &runtime->server, error);
    if (result == 0 && shell)
        result = control_server_serve_shell(runtime->server, shell, on_shell_gone, runtime, error);
    return result;
}

static char *make_id(void)
{
    uint64_t random_bits = 0;
    uv_random(NULL, NULL, &random_bits, sizeof(random_bits), 0, NULL);
    return text_format("%llx-%016llx", (unsigned long long)clock_wall_ms(), (unsigned long long)random_bits);
}

static void forget(struct runtime *runtime)
{
    lock_release(runtime->lock);
    redactor_destroy(runtime->redactor);
    strings_finish(&runtime->launch_texts);
    strings_finish(&runtime->environment);
    free(runtime->folder);
    free(runtime->logs_folder);
    free(runtime->id);
    free(runtime);
}

int runtime_open(uv_loop_t *loop, struct runtime_options *options, struct runtime **opened,
                 struct error *error)
{
    struct runtime *runtime = memory_new(1, sizeof(*runtime));
    struct strings notices = {0};
    *runtime =
        (struct runtime){.loop = loop, .listener = options->listener, .plan = options->plan, .lock = -1};
    runtime->opened_at = clock_wall_ms();
    runtime->log_seq = clock_wall_us();
    runtime->id = make_id();
    runtime->last_state = FLEET_STOPPED;
    uv_random(NULL, NULL, &runtime->chance, sizeof(runtime->chance), 0, NULL);
    host_environment(&runtime->environment);
    keep_launch(runtime, &options->launch);
    int result = folder_prepare(runtime, &notices, error);
    if (result != 0) {
        strings_finish(&notices);
        forget(runtime);
        return result;
    }
    host_raise_descriptor_limit();
    host_survive_failed_writes();
    driver_init(runtime);
    open_loop_parts(runtime);
    runtime->own_log = own_log_create(runtime->logs_folder, options->log_level, runtime->log_seq);
    open_feed(runtime, &notices);
    strings_finish(&notices);
    sweeping_begin(runtime);
    runtime_take_plan(runtime, options->plan);
    options->plan = NULL;
    result = open_server(runtime, options->shell, error);
    if (result != 0) {
        /* Nothing runs yet: the rest of the way down is that of an ordinary end. */
        feed_add(runtime->feed, LEVEL_ERROR, KIND_RUNTIME_NOTICE, "runtime", NULL, "%s", error->message);
        runtime->listener = (struct runtime_listener){0};
        runtime_shutdown(runtime, true);
        while (runtime->phase != PHASE_ENDED)
            uv_run(loop, UV_RUN_ONCE);
        runtime_destroy(runtime);
        return result;
    }
    *opened = runtime;
    return 0;
}

/* ---- use ---- */

void runtime_want_all(struct runtime *runtime)
{
    if (fleet_state(runtime->fleet) == FLEET_STOPPED) {
        runtime->started_at = clock_wall_ms();
        runtime->startup_percent = 0;
        for (size_t i = 0; i < runtime->sidecar_count; i++)
            service_count_afresh(runtime->sidecars[i].service);
    }
    fleet_start_all(runtime->fleet);
}

void runtime_begin(struct runtime *runtime)
{
    runtime_want_all(runtime);
}

void runtime_shutdown(struct runtime *runtime, bool now)
{
    if (runtime->phase == PHASE_SERVING) {
        runtime->phase = PHASE_SHUTTING;
        waiters_refuse_starts(runtime, "the supervisor is ending");
        fleet_stop_all(runtime->fleet);
    }
    if (now && runtime->phase == PHASE_SHUTTING)
        fleet_hurry(runtime->fleet);
}

void runtime_end(struct runtime *runtime, const char *why)
{
    if (runtime->phase == PHASE_SERVING)
        feed_add(runtime->feed, LEVEL_INFO, KIND_RUNTIME_NOTICE, "runtime", NULL,
                 "%s; stopping everything in order", why);
    runtime_shutdown(runtime, false);
}

const char *runtime_state(const struct runtime *runtime)
{
    return fleet_state_name(fleet_state(runtime->fleet));
}

const char *runtime_folder(const struct runtime *runtime)
{
    return runtime->folder;
}

void runtime_destroy(struct runtime *runtime)
{
    if (runtime)
        forget(runtime);
}

/*
 * After everything has stopped: strays are killed, the socket says its last words, the files are closed, and
 * the listener is told. Each step waits for the one before.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "platform/clock.h"
#include "platform/lock.h"
#include "runtime_internal.h"

/* Between two looks for what escaped with a cleared environment and is known only as ours. */
#define STRAYS_AGAIN_MS 10

/* So long the end waits for them; what cannot be signalled must not hold it up for ever. */
#define STRAYS_MS 2000

static void finish_files(struct runtime *runtime)
{
    feed_unlisten(runtime->feed, runtime->feed_listener);
    runtime_drop_plan(runtime);
    sampler_destroy(runtime->sampler);
    jobs_destroy(runtime->jobs);
    http_client_destroy(runtime->http);
    probe_context_destroy(runtime->probes);
    reaper_destroy(runtime->reaper);
    feed_destroy(runtime->feed);
    own_log_destroy(runtime->own_log);
    ledger_destroy(runtime->ledger);
    runtime->ledger = NULL;
    runtime->sampler = NULL;
    runtime->jobs = NULL;
    runtime->http = NULL;
    runtime->probes = NULL;
    runtime->reaper = NULL;
    runtime->feed = NULL;
    runtime->own_log = NULL;
}

static void on_all_closed(uv_handle_t *handle)
{
    struct runtime *runtime = handle->data;
    lock_release(runtime->lock);
    runtime->lock = -1;
    runtime->phase = PHASE_ENDED;
    if (runtime->listener.ended)
        runtime->listener.ended(runtime->listener.context);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct runtime *runtime = handle->data;
    uv_close((uv_handle_t *)&runtime->end_timer, on_all_closed);
}

static void on_server_closed(void *context)
{
    struct runtime *runtime = context;
    runtime->server = NULL;
    waiters_destroy(runtime);
    finish_files(runtime);
    /* One after the other: the runtime may be freed in the last one's callback. */
    uv_close((uv_handle_t *)&runtime->timer, on_timer_closed);
}

/* What was killed, or what could not be: a program that runs as another user is not ours to signal. */
static void tell_strays(struct runtime *runtime, bool gone)
{
    if (runtime->strays.count == 0)
        return;
    cJSON *data = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(data, "processes");
    for (size_t i = 0; i < runtime->strays.count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(runtime->strays.items[i]));
    char *names = strings_join(&runtime->strays, ", ");
    feed_add(runtime->feed, gone ? LEVEL_WARN : LEVEL_ERROR, KIND_RUNTIME_NOTICE, "runtime", data,
             gone
                 ? "killed what had left the processes of its sidecar: %s"
                 : "what had left the processes of its sidecar could not all be ended: %s; see to it by hand",
             names);
    free(names);
    strings_finish(&runtime->strays);
}

static void kill_strays(uv_timer_t *timer)
{
    struct runtime *runtime = timer->data;
    size_t left = reaper_kill_strays(runtime->reaper, &runtime->strays);
    if (left > 0 && clock_monotonic_ms() < runtime->strays_until) {
        uv_timer_start(&runtime->end_timer, kill_strays, STRAYS_AGAIN_MS, 0);
        return;
    }
    tell_strays(runtime, left == 0);
    if (runtime->server)
        control_server_close(runtime->server, on_server_closed, runtime);
    else
        on_server_closed(runtime);
}

void ending_begin(struct runtime *runtime)
{
    if (runtime->phase != PHASE_SHUTTING)
        return;
    runtime->phase = PHASE_CLOSING;
    runtime->strays_until = clock_monotonic_ms() + STRAYS_MS;
    uv_timer_start(&runtime->end_timer, kill_strays, 0, 0);
}

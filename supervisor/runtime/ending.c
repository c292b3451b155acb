/*
 * After everything has stopped: strays are killed, the socket says its last words, the files are closed, and
 * the listener is told. Each step waits for the one before.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "platform/lock.h"
#include "runtime_internal.h"

/* Between two looks for what escaped with a cleared environment and is known only as ours. */
#define STRAYS_AGAIN_MS 10

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

static void kill_strays(uv_timer_t *timer)
{
    struct runtime *runtime = timer->data;
    size_t found = reaper_kill_strays(runtime->reaper);
    if (found > 0) {
        cJSON *data = cJSON_CreateObject();
        cJSON_AddNumberToObject(data, "count", (double)found);
        feed_add(runtime->feed, LEVEL_WARN, KIND_RUNTIME_NOTICE, "runtime", data,
                 "%zu processes had left the trees of their sidecars and were killed", found);
        uv_timer_start(&runtime->end_timer, kill_strays, STRAYS_AGAIN_MS, 0);
        return;
    }
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
    uv_timer_start(&runtime->end_timer, kill_strays, 0, 0);
}

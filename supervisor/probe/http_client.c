#include <stdlib.h>

#include "base/memory.h"
#include "http_state.h"

/* libcurl's own bound is four for each call under way: with one call at a time that is four servers. */
#define KEPT_CONNECTIONS 64L

struct watch {
    uv_poll_t poll;
    curl_socket_t socket;
    struct http_client *client;
};

static void settle(struct http_client *client);

static void release_handle(struct http_client *client)
{
    if (--client->handles == 0)
        free(client);
}

static void on_timer_closed(uv_handle_t *handle)
{
    release_handle(handle->data);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    release_handle(watch->client);
    free(watch);
}

static void act(struct http_client *client, curl_socket_t socket, int events)
{
    int running_calls;
    client->running = true;
    client->curl->multi_socket_action(client->multi, socket, events, &running_calls);
    client->running = false;
    settle(client);
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    act(watch->client, watch->socket, flags);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct http_client *client = context;
    if (timeout_ms < 0)
        uv_timer_stop(&client->timer);
    else
        uv_timer_start(&client->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static struct watch *add_watch(struct http_client *client, curl_socket_t socket)
{
    struct watch *watch = memory_new(1, sizeof(*watch));
    if (uv_poll_init_socket(client->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->socket = socket;
    watch->client = client;
    client->handles++;
    client->curl->multi_assign(client->multi, socket, watch);
    return watch;
}

/* Always returns 0: anything else would end every call of the client. A socket that cannot be watched runs
 * into its call's timeout. */
static int set_watch(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context)
{
    struct http_client *client = context;
    struct watch *watch = socket_context;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            client->curl->multi_assign(client->multi, socket, NULL);
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
        }
        return 0;
    }
    if (!watch)
        watch = add_watch(client, socket);
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    if (watch)
        uv_poll_start(&watch->poll, events, on_socket);
    return 0;
}

struct http_client *http_client_create(uv_loop_t *loop)
{
    const struct curl_library *curl = curl_library_get();
    CURLM *multi = curl ? curl->multi_init() : NULL;
    if (!multi)
        return NULL;
    struct http_client *client = memory_new(1, sizeof(*client));
    client->loop = loop;
    client->curl = curl;
    client->multi = multi;
    client->handles = 1;
    uv_timer_init(loop, &client->timer);
    client->timer.data = client;
    curl->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_watch);
    curl->multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    curl->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl->multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    curl->multi_setopt(multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    return client;
}

static void tear_down(struct http_client *client)
{
    while (client->calls) {
        struct http_call *call = client->calls;
        http_call_detach(call);
        http_call_free(call);
    }
    for (size_t i = 0; i < client->spare_count; i++)
        client->curl->easy_cleanup(client->spare[i]);
    client->spare_count = 0;
    client->curl->multi_cleanup(client->multi);
    client->multi = NULL;
    http_connection_drop_all(client);
    uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}

void http_client_destroy(struct http_client *client)
{
    if (!client || client->destroyed)
        return;
    client->destroyed = true;
    if (!client->running)
        tear_down(client);
}

void http_client_settle_changes(struct http_client *client)
{
    struct http_call *next;
    client->changed = false;
    for (struct http_call *call = client->calls; call; call = next) {
        next = call->next;
        if (call->state == CALL_DROPPED) {
            http_call_detach(call);
            http_call_free(call);
        } else if (call->state == CALL_WAITING) {
            call->state = CALL_RUNNING;
            client->curl->multi_add_handle(client->multi, call->easy);
        }
    }
}

/* What had to wait until libcurl was off the stack. A handler may destroy the client: its memory stays until
 * the loop has closed its handles, but its libcurl is gone. */
static void settle(struct http_client *client)
{
    if (client->destroyed) {
        tear_down(client);
        return;
    }
    if (client->changed)
        http_client_settle_changes(client);
    CURLMsg *message;
    int left;
    while (!client->destroyed && (message = client->curl->multi_info_read(client->multi, &left))) {
        struct http_call *call = NULL;
        client->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        http_call_finish(call, message->data.result);
    }
}

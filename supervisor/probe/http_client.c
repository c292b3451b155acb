#include "http_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"

/* Handles without a call are kept for the next ones, because a fresh one costs 5 KiB and its set-up. */
#define SPARE_HANDLES 8
/* libcurl's own bound is four for each call under way: with one call at a time that is four servers. */
#define KEPT_CONNECTIONS 64L

enum call_state {
    CALL_WAITING, /* to be handed to libcurl once it is not running */
    CALL_RUNNING,
    CALL_DRAINING,
    CALL_DROPPED, /* to be taken from libcurl once it is not running */
    CALL_OVER
};

struct http_call {
    struct http_client *client;
    struct http_call *previous;
    struct http_call *next;
    enum call_state state;
    CURL *easy;
    struct curl_slist *headers;
    const struct http_handler *handler;
    void *context;
    char *authority;
    int64_t timeout_ms;
    size_t limit;
    size_t received;
    int status;
    bool head_done;
    bool cut;
};

/* A connection that libcurl keeps after a call, and to whom it goes. */
struct connection {
    curl_socket_t socket;
    ino_t inode; /* tells whether the number still means this socket: not every way in which libcurl closes is told */
    char *authority;
    struct connection *next;
};

struct http_client {
    uv_loop_t *loop;
    uv_timer_t timer;
    CURLM *multi;
    struct http_call *calls;
    struct connection *connections;
    CURL *spare[SPARE_HANDLES];
    size_t spare_count;
    int handles; /* of the loop, not closed yet */
    bool running; /* libcurl is on the stack: its handles must not be added or removed */
    bool changed; /* a call was started, drained or cancelled meanwhile */
    bool destroyed;
};

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
    curl_multi_socket_action(client->multi, socket, events, &running_calls);
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
    curl_multi_assign(client->multi, socket, watch);
    return watch;
}

/* Always returns 0: anything else would end every call of the client. A socket that cannot be watched runs into its
 * call's timeout. */
static int set_watch(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context)
{
    struct http_client *client = context;
    struct watch *watch = socket_context;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            curl_multi_assign(client->multi, socket, NULL);
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

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    curl_socket_t opened = socket(address->family, address->socktype, address->protocol);
    /* libcurl's own would be handed on to every child. */
    if (opened != CURL_SOCKET_BAD)
        fcntl(opened, F_SETFD, FD_CLOEXEC);
    return opened;
}

static void drop_connection(struct http_client *client, curl_socket_t socket)
{
    for (struct connection **at = &client->connections; *at; at = &(*at)->next) {
        struct connection *connection = *at;
        if (connection->socket != socket)
            continue;
        *at = connection->next;
        free(connection->authority);
        free(connection);
        return;
    }
}

static int close_socket(void *context, curl_socket_t socket)
{
    drop_connection(context, socket);
    return close(socket);
}

/* After a call: which connection libcurl keeps for the next. */
static void note_connection(struct http_call *call)
{
    struct http_client *client = call->client;
    curl_socket_t socket = CURL_SOCKET_BAD;
    struct stat status;
    curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD || fstat(socket, &status) != 0)
        return;
    for (struct connection *at = client->connections; at; at = at->next)
        if (at->socket == socket && at->inode == status.st_ino)
            return;
    drop_connection(client, socket);
    struct connection *connection = memory_new(1, sizeof(*connection));
    connection->socket = socket;
    connection->inode = status.st_ino;
    connection->authority = memory_copy_text(call->authority);
    connection->next = client->connections;
    client->connections = connection;
}

static bool initialise_libcurl(void)
{
    static bool tried;
    static bool good;
    if (!tried)
        good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    tried = true;
    return good;
}

struct http_client *http_client_create(uv_loop_t *loop)
{
    CURLM *multi = initialise_libcurl() ? curl_multi_init() : NULL;
    if (!multi)
        return NULL;
    struct http_client *client = memory_new(1, sizeof(*client));
    client->loop = loop;
    client->multi = multi;
    client->handles = 1;
    uv_timer_init(loop, &client->timer);
    client->timer.data = client;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    return client;
}

static void keep_handle(struct http_client *client, CURL *easy)
{
    if (client->spare_count < SPARE_HANDLES) {
        curl_easy_reset(easy);
        client->spare[client->spare_count++] = easy;
    } else {
        curl_easy_cleanup(easy);
    }
}

static void unlink_call(struct http_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->client->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
}

/* Takes the call from libcurl and from the list; only while libcurl is not running. */
static void detach_call(struct http_call *call)
{
    curl_multi_remove_handle(call->client->multi, call->easy);
    unlink_call(call);
    keep_handle(call->client, call->easy);
    call->easy = NULL;
    curl_slist_free_all(call->headers);
    call->headers = NULL;
    call->state = CALL_OVER;
}

static void free_call(struct http_call *call)
{
    free(call->authority);
    free(call);
}

static void tear_down(struct http_client *client)
{
    while (client->calls) {
        struct http_call *call = client->calls;
        detach_call(call);
        free_call(call);
    }
    for (size_t i = 0; i < client->spare_count; i++)
        curl_easy_cleanup(client->spare[i]);
    client->spare_count = 0;
    curl_multi_cleanup(client->multi);
    client->multi = NULL;
    while (client->connections)
        drop_connection(client, client->connections->socket);
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

static char *os_reason(CURL *easy, const char *authority)
{
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &code);
    if (code == ECONNREFUSED || code == 0)
        return text_format("connection refused on %s", authority);
    if (code == ENOENT)
        return text_format("there is no socket %s", authority);
    return text_format("cannot connect to %s: %s", authority, strerror((int)code));
}

static char *failure_text(const struct http_call *call, CURLcode code)
{
    const char *where = call->authority;
    char *text;
    char *duration;
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return os_reason(call->easy, where);
    case CURLE_COULDNT_RESOLVE_HOST:
        return text_format("the host of %s is not known", where);
    case CURLE_OPERATION_TIMEDOUT:
        duration = duration_text(call->timeout_ms);
        text = text_format("no answer from %s in %s", where, duration);
        free(duration);
        return text;
    case CURLE_GOT_NOTHING:
        return text_format("%s closed the connection without an answer", where);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return text_format("%s broke off the connection", where);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return text_format("what answered on %s is not HTTP", where);
    case CURLE_OUT_OF_MEMORY:
        /* What libcurl says of a header line over 100 KiB. */
        return text_format("the headers of the answer from %s have no end", where);
    case CURLE_URL_MALFORMAT:
        return text_format("the URL is not valid: %s", where);
    default:
        return text_format("%s: %s", where, curl_easy_strerror(code));
    }
}

static void finish_call(struct http_call *call, CURLcode code)
{
    bool told = call->state == CALL_RUNNING;
    char *failure = code == CURLE_OK || call->cut || !told ? NULL : failure_text(call, code);
    struct http_result result = {.status = call->status,
                                 .cut = call->cut,
                                 .timed_out = code == CURLE_OPERATION_TIMEDOUT,
                                 .error = failure};
    note_connection(call);
    detach_call(call);
    if (told)
        call->handler->done(call->context, &result);
    free(failure);
    free_call(call);
}

static void settle_changes(struct http_client *client)
{
    struct http_call *next;
    client->changed = false;
    for (struct http_call *call = client->calls; call; call = next) {
        next = call->next;
        if (call->state == CALL_DROPPED) {
            detach_call(call);
            free_call(call);
        } else if (call->state == CALL_WAITING) {
            call->state = CALL_RUNNING;
            curl_multi_add_handle(client->multi, call->easy);
        }
    }
}

/* What had to wait until libcurl was off the stack. A handler may destroy the client: its memory stays until the loop
 * has closed its handles, but its libcurl is gone. */
static void settle(struct http_client *client)
{
    if (client->destroyed) {
        tear_down(client);
        return;
    }
    if (client->changed)
        settle_changes(client);
    CURLMsg *message;
    int left;
    while (!client->destroyed && (message = curl_multi_info_read(client->multi, &left))) {
        struct http_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        finish_call(call, message->data.result);
    }
}

static bool is_receiving(struct http_call *call, size_t length)
{
    if (call->limit > 0 && call->received + length > call->limit)
        call->cut = true;
    call->received += length;
    return !call->cut && (call->state == CALL_RUNNING || call->state == CALL_DRAINING);
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    if (!is_receiving(call, length))
        return 0;
    /* Trailers come behind the body. */
    if (call->head_done || call->state == CALL_DRAINING)
        return length;
    bool is_end = length <= 2 && (line[0] == '\r' || line[0] == '\n');
    if (!is_end) {
        if (call->handler->header)
            call->handler->header(call->context, line, length);
        return length;
    }
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 && status != 101)
        return length;
    call->status = (int)status;
    call->head_done = true;
    if (call->handler->head)
        call->handler->head(call->context, call->status);
    return length;
}

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    size_t before = call->received;
    bool goes_on = is_receiving(call, length);
    size_t wanted = call->cut ? (call->limit > before ? call->limit - before : 0) : length;
    if (wanted > 0 && call->state == CALL_RUNNING && call->handler->data)
        call->handler->data(call->context, data, wanted);
    return goes_on ? length : 0;
}

/* "127.0.0.1:8080" of "http://user@127.0.0.1:8080/path"; owned by the caller. */
static char *authority_of(const char *url)
{
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    size_t length = strcspn(start, "/?#");
    const char *at = memchr(start, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    return memory_copy_bytes(start, length);
}

static bool is_loopback(const char *authority)
{
    size_t length = strcspn(authority, ":");
    return strncmp(authority, "127.", 4) == 0 || strncmp(authority, "[::1]", 5) == 0 ||
           (length == 9 && strncasecmp(authority, "localhost", 9) == 0);
}

static void set_connection_options(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Without it a call that is cancelled while its host's name is looked up waits for the resolver's thread. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, call->client);
    if (request->unix_socket)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->unix_socket || is_loopback(call->authority))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->timeout_ms > 0)
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
}

static void set_request_options(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sidecard/" SIDECARD_VERSION);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    for (size_t i = 0; request->headers && i < request->headers->count; i++)
        call->headers = curl_slist_append(call->headers, request->headers->items[i]);
    if (request->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_length);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
        /* Else a body over 1 KiB waits a second for a "100 Continue" that few servers send. */
        call->headers = curl_slist_append(call->headers, "Expect:");
    }
    if (call->headers)
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    if (request->method)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

struct http_call *http_call_start(struct http_client *client, const struct http_request *request,
                                  const struct http_handler *handler, void *context)
{
    struct http_call *call = memory_new(1, sizeof(*call));
    call->client = client;
    call->handler = handler;
    call->context = context;
    call->timeout_ms = request->timeout_ms;
    call->limit = request->answer_limit;
    call->authority = request->unix_socket ? memory_copy_text(request->unix_socket) : authority_of(request->url);
    call->easy = client->spare_count > 0 ? client->spare[--client->spare_count] : curl_easy_init();
    if (!call->easy)
        abort();
    set_connection_options(call, request);
    set_request_options(call, request);

    call->next = client->calls;
    if (call->next)
        call->next->previous = call;
    client->calls = call;
    call->state = CALL_WAITING;
    client->changed = true;
    if (!client->running)
        settle_changes(client);
    return call;
}

void http_call_cancel(struct http_call *call)
{
    if (!call || call->state == CALL_OVER)
        return;
    if (call->client->running) {
        call->state = CALL_DROPPED;
        call->client->changed = true;
        return;
    }
    detach_call(call);
    free_call(call);
}

void http_call_drain(struct http_call *call)
{
    if (call && call->state == CALL_RUNNING)
        call->state = CALL_DRAINING;
}

void http_client_forget(struct http_client *client, const char *url, const char *unix_socket)
{
    char *authority = unix_socket ? memory_copy_text(unix_socket) : authority_of(url);
    /* Not closed here, because libcurl holds them: it finds them dead when it looks next. */
    for (struct connection *at = client->connections; at; at = at->next) {
        struct stat status;
        if (strcmp(at->authority, authority) == 0 && fstat(at->socket, &status) == 0 &&
            status.st_ino == at->inode)
            shutdown(at->socket, SHUT_RDWR);
    }
    free(authority);
}

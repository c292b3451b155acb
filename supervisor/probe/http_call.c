#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"
#include "http_state.h"

static char *os_reason(const struct http_call *call)
{
    const char *authority = call->authority;
    long code = 0;
    call->client->curl->easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &code);
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
        return os_reason(call);
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
        return text_format("%s: %s", where, call->client->curl->easy_strerror(code));
    }
}

static void keep_handle(struct http_client *client, CURL *easy)
{
    if (client->spare_count < HTTP_SPARE_HANDLES) {
        client->curl->easy_reset(easy);
        client->spare[client->spare_count++] = easy;
    } else {
        client->curl->easy_cleanup(easy);
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

void http_call_detach(struct http_call *call)
{
    call->client->curl->multi_remove_handle(call->client->multi, call->easy);
    unlink_call(call);
    keep_handle(call->client, call->easy);
    call->easy = NULL;
    call->client->curl->slist_free_all(call->headers);
    call->headers = NULL;
    call->state = CALL_OVER;
}

void http_call_free(struct http_call *call)
{
    free(call->authority);
    free(call);
}

void http_call_finish(struct http_call *call, CURLcode code)
{
    bool told = call->state == CALL_RUNNING;
    char *failure = code == CURLE_OK || call->cut || !told ? NULL : failure_text(call, code);
    struct http_result result = {.status = call->status,
                                 .cut = call->cut,
                                 .timed_out = code == CURLE_OPERATION_TIMEDOUT,
                                 .error = failure};
    http_connection_note(call);
    http_call_detach(call);
    if (told)
        call->handler->done(call->context, &result);
    free(failure);
    http_call_free(call);
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
    call->client->curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
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

char *http_authority(const char *url, const char *unix_socket)
{
    if (unix_socket)
        return memory_copy_text(unix_socket);
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
    const struct curl_library *curl = call->client->curl;
    CURL *easy = call->easy;
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl->easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Without it a call that is cancelled while its host's name is looked up waits for the resolver's thread.
     */
    curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    http_connection_set_options(call);
    if (request->unix_socket)
        curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->unix_socket || is_loopback(call->authority))
        curl->easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->timeout_ms > 0)
        curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
}

static void set_request_options(struct http_call *call, const struct http_request *request)
{
    const struct curl_library *curl = call->client->curl;
    CURL *easy = call->easy;
    curl->easy_setopt(easy, CURLOPT_URL, request->url);
    curl->easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, "sidecard/" SIDECARD_VERSION);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, call);
    for (size_t i = 0; request->headers && i < request->headers->count; i++)
        call->headers = curl->slist_append(call->headers, request->headers->items[i]);
    if (request->body) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_length);
        curl->easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
        /* Else a body over 1 KiB waits a second for a "100 Continue" that few servers send. */
        call->headers = curl->slist_append(call->headers, "Expect:");
    }
    if (call->headers)
        curl->easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    if (request->method)
        curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
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
    call->authority = http_authority(request->url, request->unix_socket);
    call->easy = client->spare_count > 0 ? client->spare[--client->spare_count] : client->curl->easy_init();
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
        http_client_settle_changes(client);
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
    http_call_detach(call);
    http_call_free(call);
}

void http_call_drain(struct http_call *call)
{
    if (call && call->state == CALL_RUNNING)
        call->state = CALL_DRAINING;
}

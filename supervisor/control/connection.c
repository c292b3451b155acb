#include "connection.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "platform/peer.h"
#include "rpc_codec.h"

/* Above the first no more requests of this client are carried out until it reads; above the second, which
 * only answers to requests from before can reach, it is taken for dead. */
#define UNSENT_ENOUGH ((size_t)1024 * 1024)
#define UNSENT_MAX    ((size_t)8 * 1024 * 1024)

/* How long all clients together may keep one turn of the loop, counted from when the loop looked at its
 * clock. */
#define TURN_MS 3

struct write {
    uv_write_t request;
    char *data;
};

static void settle(struct connection *connection);

static bool is_two_way(const struct connection *connection)
{
    return connection->output == (const uv_stream_t *)&connection->input;
}

static void destroy(struct connection *connection)
{
    connection->owner->gone(connection);
    session_finish(&connection->session);
    free(connection);
}

static void on_output_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    free(connection->output);
    destroy(connection);
}

static void on_input_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    if (is_two_way(connection))
        destroy(connection);
    else
        uv_close((uv_handle_t *)connection->output, on_output_closed);
}

static void tell_over(struct connection *connection)
{
    if (connection->is_over)
        return;
    connection->is_over = true;
    if (connection->over)
        connection->over(connection->over_context);
}

void connection_close(struct connection *connection)
{
    if (connection->closing)
        return;
    connection->closing = true;
    uv_close((uv_handle_t *)&connection->input, on_input_closed);
    tell_over(connection);
}

static void on_written(uv_write_t *request, int status)
{
    struct write *write = (struct write *)request;
    struct connection *connection = request->handle->data;
    free(write->data);
    free(write);
    if (status < 0)
        connection_close(connection);
    else
        settle(connection);
}

size_t connection_unsent(const struct connection *connection)
{
    return uv_stream_get_write_queue_size(connection->output);
}

/* What a direct write did not take is handed to libuv. False where the client is gone. */
static bool flush(struct connection *connection)
{
    struct text *out = &connection->session.out;
    if (out->length == 0)
        return true;
    uv_stream_t *stream = connection->output;
    size_t done = 0;
    if (connection_unsent(connection) == 0) {
        uv_buf_t whole = uv_buf_init(out->data, (unsigned)out->length);
        int written = uv_try_write(stream, &whole, 1);
        if (written < 0 && written != UV_EAGAIN)
            return false;
        done = written > 0 ? (size_t)written : 0;
    }
    if (done == out->length) {
        text_clear(out);
        return true;
    }
    if (connection_unsent(connection) > UNSENT_MAX)
        return false;
    struct write *write = memory_new(1, sizeof(*write));
    uv_buf_t rest = uv_buf_init(out->data + done, (unsigned)(out->length - done));
    write->data = text_take(out);
    return uv_write(&write->request, stream, &rest, 1, on_written) == 0;
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;
    *buffer = uv_buf_init(connection->owner->buffer, (unsigned)connection->owner->buffer_size);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    if (length == 0)
        return;
    if (length < 0 && length != UV_EOF) {
        connection_close(connection);
        return;
    }
    if (length == UV_EOF) {
        connection->ended = true;
        session_end_input(&connection->session);
    } else {
        session_feed(&connection->session, buffer->base, (size_t)length);
    }
    connection_work(connection);
}

/* Brings what the connection does in line with where it stands: write, read on, wait for its turn, or close.
 */
static void settle(struct connection *connection)
{
    if (connection->closing || connection->session.working)
        return;
    if (!flush(connection)) {
        connection_close(connection);
        return;
    }
    struct session *session = &connection->session;
    bool blocked = connection_unsent(connection) > UNSENT_ENOUGH;
    bool has_work = !connection->finishing && session_has_work(session);
    if (has_work && !blocked && !connection->is_busy)
        connection->owner->busy(connection);
    if (has_work || blocked || connection->ended || connection->finishing)
        uv_read_stop((uv_stream_t *)&connection->input);
    else
        uv_read_start((uv_stream_t *)&connection->input, on_allocate, on_read);
    if (connection->ended && !has_work)
        tell_over(connection);
    bool done = connection->finishing || (connection->ended && !has_work && session->open_count == 0);
    if (done && connection_unsent(connection) == 0)
        connection_close(connection);
}

static uint64_t end_of_turn(const uv_loop_t *loop)
{
    return (uv_now(loop) + TURN_MS) * 1000 * 1000;
}

bool connection_time_is_over(const uv_loop_t *loop)
{
    return uv_hrtime() >= end_of_turn(loop);
}

void connection_work(struct connection *connection)
{
    if (connection->closing || connection->finishing)
        return;
    const uv_loop_t *loop = connection->input.loop;
    if (connection_unsent(connection) <= UNSENT_ENOUGH && !connection_time_is_over(loop))
        session_work(&connection->session, end_of_turn(loop));
    settle(connection);
}

void connection_finish(struct connection *connection)
{
    connection->finishing = true;
    settle(connection);
}

void connection_wake(void *context)
{
    settle(context);
}

void connection_notify(struct connection *connection, const char *method, const struct cJSON *params)
{
    if (connection->closing || connection->finishing || connection_unsent(connection) > UNSENT_ENOUGH)
        return;
    rpc_write_notification(&connection->session.out, method, params);
    settle(connection);
}

static const struct session_transport socket_transport = {.name = "socket", .wake = connection_wake};

static struct connection *create(uv_loop_t *loop, struct connection_owner *owner,
                                 struct dispatcher *dispatcher, const struct session_transport *transport)
{
    struct connection *connection = memory_new(1, sizeof(*connection));
    connection->owner = owner;
    uv_pipe_init(loop, &connection->input, 0);
    connection->input.data = connection;
    connection->output = (uv_stream_t *)&connection->input;
    session_init(&connection->session, dispatcher, transport, connection, 0);
    return connection;
}

struct connection *connection_accept(uv_stream_t *listening, struct connection_owner *owner,
                                     struct dispatcher *dispatcher)
{
    struct connection *connection = create(listening->loop, owner, dispatcher, &socket_transport);
    if (uv_accept(listening, (uv_stream_t *)&connection->input) == 0)
        return connection;
    connection_close(connection);
    return NULL;
}

struct connection *connection_open(uv_loop_t *loop, int input, int output, struct connection_owner *owner,
                                   struct dispatcher *dispatcher, const struct session_transport *transport)
{
    struct connection *connection = create(loop, owner, dispatcher, transport);
    uv_pipe_t *back = memory_new(1, sizeof(*back));
    uv_pipe_init(loop, back, 0);
    back->data = connection;
    connection->output = (uv_stream_t *)back;
    bool reads = uv_pipe_open(&connection->input, input) == 0;
    bool writes = uv_pipe_open(back, output) == 0;
    if (!reads)
        close(input);
    if (!writes)
        close(output);
    if (!reads || !writes)
        connection_close(connection);
    return connection;
}

void connection_begin(struct connection *connection)
{
    settle(connection);
}

void connection_turn_away(struct connection *connection, int code, const char *message)
{
    rpc_write_error(&connection->session.out, "null", code, message, NULL);
    text_append(&connection->session.out, "\n");
    connection_finish(connection);
}

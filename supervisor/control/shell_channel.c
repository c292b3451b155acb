#include "shell_channel.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "platform/clock.h"
#include "stream_pump.h"

#define HEARTBEAT_MS 5000 /* control.md */

/* How long a shell whose input has ended may read nothing, and how long a file may take at the very end. */
#define PATIENCE_MS   1000
#define LAST_WRITE_MS 1000

/* One of the two descriptors. */
struct end {
    struct stream_pump
        *pump; /* stands between a file and the loop; NULL: the loop has the descriptor itself */
    int fd;    /* where there is no pump: another number for it */
    int flags; /* as it came: libuv makes it non-blocking, and it may be shared */
    uv_poll_t watch;
    bool watched;
};

struct shell_channel {
    struct connection *connection;
    struct end input, output;
    uv_timer_t heartbeat;
    uv_timer_t patience;
    uv_timer_t news; /* `gone` is told from here: what finds out is in the middle of something */
    size_t unsent_before;
    size_t open_handles;
    void (*gone)(void *context);
    void *gone_context;
    void (*closed)(void *context);
    void *closed_context;
};

static const struct session_transport stdio_transport = {.name = "stdio", .wake = connection_wake};

/* ---- is the shell still there? ---- */

static void on_news(uv_timer_t *timer)
{
    struct shell_channel *channel = timer->data;
    void (*gone)(void *context) = channel->gone;
    channel->gone = NULL;
    if (gone)
        gone(channel->gone_context);
}

static void tell_gone(void *context)
{
    struct shell_channel *channel = context;
    uv_timer_start(&channel->news, on_news, 0, 0);
}

static void on_patience(uv_timer_t *timer)
{
    struct shell_channel *channel = timer->data;
    struct connection *connection = channel->connection;
    if (!connection || connection->is_over) {
        uv_timer_stop(timer);
        return;
    }
    size_t unsent = connection_unsent(connection);
    /* Nor is it to be waited for at the very end. */
    if (unsent > 0 && unsent == channel->unsent_before)
        connection_close(connection);
    channel->unsent_before = unsent;
}

static bool has_hung_up(const struct end *end)
{
    struct pollfd now = {.fd = end->fd};
    return poll(&now, 1, 0) == 1 && (now.revents & (POLLERR | POLLHUP)) != 0;
}

static void on_input_event(uv_poll_t *watch, int status, int events)
{
    struct shell_channel *channel = watch->data;
    uv_poll_stop(watch);
    channel->unsent_before = channel->connection ? connection_unsent(channel->connection) : 0;
    uv_timer_start(&channel->patience, on_patience, PATIENCE_MS, PATIENCE_MS);
}

/* A socket whose other side only sends no more can still be written to. */
static void on_output_event(uv_poll_t *watch, int status, int events)
{
    struct shell_channel *channel = watch->data;
    uv_poll_stop(watch);
    if (has_hung_up(&channel->output) && channel->connection)
        connection_close(channel->connection);
}

static void watch(struct shell_channel *channel, struct end *end, int events, uv_poll_cb on_event)
{
    if (end->watched)
        uv_poll_start(&end->watch, events, on_event);
}

/* ---- heartbeat ---- */

static void on_heartbeat(uv_timer_t *timer)
{
    struct shell_channel *channel = timer->data;
    if (!channel->connection)
        return;
    cJSON *params = cJSON_CreateObject();
    cJSON_AddNumberToObject(params, "timestamp", (double)clock_wall_ms());
    connection_notify(channel->connection, "heartbeat", params);
    cJSON_Delete(params);
}

/* ---- opening ---- */

static bool can_be_polled(int fd)
{
    uv_handle_type type = uv_guess_handle(fd);
    return type == UV_NAMED_PIPE || type == UV_TCP;
}

/* The descriptor that the loop gets for this end; -1 where the system has none. */
static int prepare(struct end *end, uv_loop_t *loop, int fd, bool is_input)
{
    end->fd = -1;
    end->flags = fcntl(fd, F_GETFL);
    if (can_be_polled(fd)) {
        end->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        end->watched = end->fd >= 0 && uv_poll_init(loop, &end->watch, end->fd) == 0;
        return fd;
    }
    uv_file pair[2];
    if (uv_pipe(pair, 0, 0) != 0) {
        close(fd);
        return -1;
    }
    int ours = is_input ? pair[0] : pair[1];
    end->pump = is_input ? stream_pump_start(fd, pair[1]) : stream_pump_start(pair[0], fd);
    if (end->pump)
        return ours;
    close(ours);
    return -1;
}

static void init_timer(struct shell_channel *channel, uv_loop_t *loop, uv_timer_t *timer)
{
    uv_timer_init(loop, timer);
    timer->data = channel;
}

static struct connection *connect_ends(struct shell_channel *channel, uv_loop_t *loop,
                                       const struct shell_ends *ends, struct connection_owner *owner,
                                       struct dispatcher *dispatcher)
{
    int input = prepare(&channel->input, loop, ends->input, true);
    int output = prepare(&channel->output, loop, ends->output, false);
    channel->input.watch.data = channel->output.watch.data = channel;
    if (input >= 0 && output >= 0)
        return connection_open(loop, input, output, owner, dispatcher, &stdio_transport);
    if (input >= 0)
        close(input);
    if (output >= 0)
        close(output);
    return NULL;
}

int shell_channel_open(uv_loop_t *loop, const struct shell_ends *ends, struct connection_owner *owner,
                       struct dispatcher *dispatcher, struct shell_channel **opened, struct error *error)
{
    struct shell_channel *channel = memory_new(1, sizeof(*channel));
    init_timer(channel, loop, &channel->heartbeat);
    init_timer(channel, loop, &channel->patience);
    init_timer(channel, loop, &channel->news);
    channel->connection = connect_ends(channel, loop, ends, owner, dispatcher);
    if (!channel->connection) {
        shell_channel_close(channel, NULL, NULL);
        return error_set(error, ERROR_SYSTEM, "stdin and stdout cannot be used as the shell's channel");
    }
    channel->connection->session.client = ends->shell;
    channel->connection->over = tell_gone;
    channel->connection->over_context = channel;
    *opened = channel;
    return 0;
}

struct connection *shell_channel_connection(const struct shell_channel *channel)
{
    return channel->connection;
}

void shell_channel_begin(struct shell_channel *channel, void (*gone)(void *context), void *context)
{
    channel->gone = gone;
    channel->gone_context = context;
    uv_timer_start(&channel->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
    watch(channel, &channel->input, UV_DISCONNECT, on_input_event);
    /* Asks for what never comes: being hung up is told in any case. */
    watch(channel, &channel->output, UV_PRIORITIZED, on_output_event);
    if (channel->connection->is_over)
        tell_gone(channel);
    else
        connection_begin(channel->connection);
}

/* ---- closing ---- */

void shell_channel_forget(struct shell_channel *channel, const struct connection *gone)
{
    if (channel->connection == gone)
        channel->connection = NULL;
}

void shell_channel_hush(struct shell_channel *channel)
{
    channel->gone = NULL;
}

static void give_back(struct end *end)
{
    if (end->fd < 0)
        return;
    fcntl(end->fd, F_SETFL, end->flags);
    close(end->fd);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct shell_channel *channel = handle->data;
    if (--channel->open_handles > 0)
        return;
    void (*closed)(void *context) = channel->closed;
    void *context = channel->closed_context;
    /* Both may be one socket: the flags that were read first are the true ones. */
    give_back(&channel->output);
    give_back(&channel->input);
    free(channel);
    if (closed)
        closed(context);
}

static void close_handle(struct shell_channel *channel, uv_handle_t *handle)
{
    channel->open_handles++;
    uv_close(handle, on_handle_closed);
}

void shell_channel_close(struct shell_channel *channel, void (*closed)(void *context), void *context)
{
    channel->closed = closed;
    channel->closed_context = context;
    stream_pump_finish(channel->output.pump, LAST_WRITE_MS);
    stream_pump_finish(channel->input.pump, 0);
    close_handle(channel, (uv_handle_t *)&channel->heartbeat);
    close_handle(channel, (uv_handle_t *)&channel->patience);
    close_handle(channel, (uv_handle_t *)&channel->news);
    if (channel->input.watched)
        close_handle(channel, (uv_handle_t *)&channel->input.watch);
    if (channel->output.watched)
        close_handle(channel, (uv_handle_t *)&channel->output.watch);
}

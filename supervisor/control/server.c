#include "server.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "base/memory.h"
#include "connection.h"
#include "dispatcher.h"
#include "listening.h"
#include "platform/peer.h"
#include "platform/process_table.h"
#include "running.h"
#include "shell_channel.h"

/* At most so many clients, and at most half of the descriptors: children and probes need the others. */
#define CONNECTIONS_MAX 16384

#define READ_SIZE     ((size_t)64 * 1024) /* as libuv suggests */
#define LAST_FLUSH_MS 1000

struct control_server {
    struct connection_owner owner; /* first: the server of a connection is found by it */
    uv_loop_t *loop;
    struct dispatcher dispatcher;
    uv_pipe_t *listening; /* NULL: could not be made anew yet */
    uv_idle_t worker;     /* runs while somebody waits for a turn */
    uv_timer_t last_flush;
    struct connection *oldest, *newest;
    struct connection *first_busy, *last_busy;
    size_t count;
    size_t limit;
    char *folder;
    struct running running;
    struct shell_channel *shell; /* NULL: there is none on stdin and stdout */
    size_t open_handles;         /* while closing */
    bool closing;
    void (*closed)(void *context);
    void *closed_context;
};

static struct control_server *server_of(struct connection *connection)
{
    return (struct control_server *)connection->owner;
}

static void link_newest(struct control_server *server, struct connection *connection)
{
    connection->previous = server->newest;
    if (server->newest)
        server->newest->next = connection;
    else
        server->oldest = connection;
    server->newest = connection;
    server->count++;
}

static void unlink_connection(struct control_server *server, struct connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->oldest = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    else
        server->newest = connection->previous;
    server->count--;
}

static struct connection *pop_busy(struct control_server *server)
{
    struct connection *connection = server->first_busy;
    if (!connection)
        return NULL;
    server->first_busy = connection->next_busy;
    if (!server->first_busy)
        server->last_busy = NULL;
    connection->next_busy = NULL;
    connection->is_busy = false;
    return connection;
}

static void forget_busy(struct control_server *server, struct connection *gone)
{
    struct connection *last = server->last_busy;
    for (bool more = gone->is_busy; more;) {
        struct connection *connection = pop_busy(server);
        more = connection != last;
        if (connection != gone)
            server->owner.busy(connection);
    }
}

/* A turn for everybody who waits for one, as far as the time goes; who has more to do goes to the end of the
 * queue. */
static void on_worker(uv_idle_t *worker)
{
    struct control_server *server = worker->data;
    struct connection *last = server->last_busy;
    struct connection *connection;
    while (!connection_time_is_over(server->loop) && (connection = pop_busy(server))) {
        connection_work(connection);
        if (connection == last)
            break;
    }
    if (!server->first_busy)
        uv_idle_stop(worker);
}

static void on_busy(struct connection *connection)
{
    struct control_server *server = server_of(connection);
    connection->is_busy = true;
    if (server->last_busy)
        server->last_busy->next_busy = connection;
    else
        server->first_busy = connection;
    server->last_busy = connection;
    uv_idle_start(&server->worker, on_worker);
}

/* Room for one more: the oldest that never said anything goes, else the oldest that waits for nothing. */
static bool make_room(struct control_server *server)
{
    struct connection *quiet = NULL;
    for (struct connection *each = server->oldest; each; each = each->next) {
        if (each->closing || each->lasting || each->session.open_count > 0 || each->is_busy)
            continue;
        if (!quiet)
            quiet = each;
        if (!each->session.asked) {
            quiet = each;
            break;
        }
    }
    if (quiet)
        connection_close(quiet);
    return quiet != NULL;
}

/* Somebody of this user, or root, who may do everything anyway. */
static bool is_permitted(struct connection *connection, struct peer *peer)
{
    uv_os_fd_t fd;
    *peer = (struct peer){0};
    return uv_fileno((uv_handle_t *)&connection->input, &fd) == 0 && peer_of_socket(fd, peer) &&
           (peer->uid == geteuid() || peer->uid == 0);
}

static void on_connection(uv_stream_t *listening, int status)
{
    struct control_server *server = listening->data;
    /* Without a descriptor to accept with, libuv itself has turned the client away. */
    if (status < 0)
        return;
    struct connection *connection = connection_accept(listening, &server->owner, &server->dispatcher);
    if (!connection)
        return;
    bool full = server->count >= server->limit && !make_room(server);
    link_newest(server, connection);
    struct peer peer;
    const struct control_target *target = &server->dispatcher.target;
    if (server->closing) {
        connection_close(connection);
    } else if (!is_permitted(connection, &peer)) {
        target->operations->note_denied(target->context, "another user", "socket", peer.pid);
        connection_turn_away(connection, RPC_NOT_PERMITTED,
                             "not permitted: the supervisor belongs to another user");
    } else if (full) {
        connection_turn_away(connection, RPC_BUSY, "too many clients");
    } else {
        connection->session.client = peer.pid;
        connection_begin(connection);
    }
}

static int announce(struct control_server *server, struct error *error)
{
    return running_announce(&server->running, server->folder, error);
}

static void describe(struct control_server *server, const struct control_place *place)
{
    struct running *running = &server->running;
    running->pid = getpid();
    struct process_info info = {0};
    process_read(running->pid, &info);
    running->pid_start = (int64_t)info.start_time;
    running->version = memory_copy_text(SIDECARD_VERSION);
    running->mode = memory_copy_text(place->mode);
    running->data_dir = memory_copy_text(place->data_dir);
    running->started_at_ms = place->started_at_ms;
    server->folder = memory_copy_text(place->folder);
    struct address_world world = address_this_world();
    running->socket = place->socket ? memory_copy_text(place->socket) : address_socket(place->folder, &world);
}

static size_t connection_limit(void)
{
    long descriptors = sysconf(_SC_OPEN_MAX);
    return descriptors > 0 && descriptors / 2 < CONNECTIONS_MAX ? (size_t)descriptors / 2 : CONNECTIONS_MAX;
}

static void on_gone(struct connection *connection);

static struct control_server *create_server(uv_loop_t *loop, const struct control_target *target,
                                            const struct control_place *place)
{
    struct control_server *server = memory_new(1, sizeof(*server));
    server->loop = loop;
    server->limit = connection_limit();
    server->owner = (struct connection_owner){
        .busy = on_busy, .gone = on_gone, .buffer = memory_new(READ_SIZE, 1), .buffer_size = READ_SIZE};
    describe(server, place);
    dispatcher_init(&server->dispatcher, loop, target);
    uv_idle_init(loop, &server->worker);
    uv_timer_init(loop, &server->last_flush);
    server->worker.data = server->last_flush.data = server;
    return server;
}

static void free_pipe(uv_handle_t *pipe)
{
    free(pipe);
}

/* Removes the socket's file as well. */
static void stop_listening(struct control_server *server)
{
    if (server->listening)
        uv_close((uv_handle_t *)server->listening, free_pipe);
    server->listening = NULL;
}

static int start_listening(struct control_server *server, struct error *error)
{
    server->listening = memory_new(1, sizeof(*server->listening));
    uv_pipe_init(server->loop, server->listening, 0);
    server->listening->data = server;
    int result = listening_open(server->listening, server->running.socket, on_connection, error);
    if (result != 0)
        stop_listening(server);
    return result;
}

int control_server_open(uv_loop_t *loop, const struct control_target *target,
                        const struct control_place *place, struct control_server **server,
                        struct error *error)
{
    struct control_server *fresh = create_server(loop, target, place);
    int result = start_listening(fresh, error);
    if (result == 0)
        announce(fresh, NULL);
    if (result != 0)
        control_server_close(fresh, NULL, NULL);
    else
        *server = fresh;
    return result;
}

int control_server_tend(struct control_server *server, struct error *error)
{
    if (server->closing)
        return 0;
    if (!server->listening || access(server->running.socket, F_OK) != 0) {
        /* The old one first: its end removes whatever bears the name. */
        stop_listening(server);
        int result = start_listening(server, error);
        if (result != 0)
            return result;
    }
    return running_is_announced(server->folder) ? 0 : announce(server, error);
}

int control_server_serve_shell(struct control_server *server, const struct shell_ends *ends,
                               void (*gone)(void *context), void *context, struct error *error)
{
    int result =
        shell_channel_open(server->loop, ends, &server->owner, &server->dispatcher, &server->shell, error);
    if (result != 0)
        return result;
    struct connection *connection = shell_channel_connection(server->shell);
    connection->lasting = true;
    link_newest(server, connection);
    shell_channel_begin(server->shell, gone, context);
    return 0;
}

const char *control_server_socket(const struct control_server *server)
{
    return server->running.socket;
}

void control_server_set_mode(struct control_server *server, const char *mode)
{
    free(server->running.mode);
    server->running.mode = memory_copy_text(mode);
    announce(server, NULL);
}

static void destroy_server(struct control_server *server)
{
    void (*closed)(void *context) = server->closed;
    void *context = server->closed_context;
    running_finish(&server->running);
    free(server->owner.buffer);
    free(server->folder);
    free(server);
    if (closed)
        closed(context);
}

static void on_handle_gone(struct control_server *server)
{
    if (--server->open_handles == 0)
        destroy_server(server);
}

static void on_handle_closed(uv_handle_t *handle)
{
    on_handle_gone(handle->data);
}

static void on_part_closed(void *context)
{
    on_handle_gone(context);
}

static void close_handles(struct control_server *server)
{
    running_withdraw(server->folder);
    stop_listening(server);
    server->open_handles = 3;
    uv_close((uv_handle_t *)&server->worker, on_handle_closed);
    uv_close((uv_handle_t *)&server->last_flush, on_handle_closed);
    dispatcher_close(&server->dispatcher, on_part_closed, server);
    if (server->shell) {
        server->open_handles++;
        shell_channel_close(server->shell, on_part_closed, server);
    }
}

static void on_gone(struct connection *connection)
{
    struct control_server *server = server_of(connection);
    forget_busy(server, connection);
    if (server->shell)
        shell_channel_forget(server->shell, connection);
    if (connection->previous || server->oldest == connection)
        unlink_connection(server, connection);
    if (server->closing && server->count == 0 && server->open_handles == 0)
        close_handles(server);
}

static void on_last_flush(uv_timer_t *timer)
{
    struct control_server *server = timer->data;
    for (struct connection *each = server->oldest; each; each = each->next)
        connection_close(each);
}

void control_server_close(struct control_server *server, void (*closed)(void *context), void *context)
{
    server->closing = true;
    if (server->shell)
        shell_channel_hush(server->shell);
    server->closed = closed;
    server->closed_context = context;
    if (server->count == 0) {
        close_handles(server);
        return;
    }
    uv_timer_start(&server->last_flush, on_last_flush, LAST_FLUSH_MS, 0);
    for (struct connection *each = server->oldest; each; each = each->next) {
        dispatcher_refuse_open(&server->dispatcher, &each->session);
        connection_finish(each);
    }
}

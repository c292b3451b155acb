#include "fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 4096

struct fake_server {
    enum fake_behaviour behaviour;
    char *answer;
    int delay_ms;
    int port;
    int listener;
    char *path;
    pthread_t accepter;
    atomic_bool stopping;
    atomic_int accepted;
    atomic_int closed;
    atomic_int requests;
    atomic_long sent;
    pthread_mutex_t lock;
    char request[4096];
    int sockets[MAX_CONNECTIONS];
    pthread_t threads[MAX_CONNECTIONS];
};

struct connection {
    struct fake_server *server;
    int socket;
};

static void pause_ms(int milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static bool put(struct connection *connection, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection->socket, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        atomic_fetch_add(&connection->server->sent, sent);
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* Reads one request's head; false at the end. */
static bool take_request(struct connection *connection)
{
    char request[sizeof(connection->server->request)];
    size_t length = 0;
    for (;;) {
        ssize_t count = recv(connection->socket, request + length, sizeof(request) - 1 - length, 0);
        if (count <= 0)
            return false;
        length += (size_t)count;
        request[length] = '\0';
        if (strstr(request, "\r\n\r\n"))
            break;
        if (length == sizeof(request) - 1)
            return false;
    }
    pthread_mutex_lock(&connection->server->lock);
    memcpy(connection->server->request, request, length + 1);
    pthread_mutex_unlock(&connection->server->lock);
    atomic_fetch_add(&connection->server->requests, 1);
    return true;
}

static void trickle(struct connection *connection)
{
    while (!atomic_load(&connection->server->stopping) && put(connection, "a", 1))
        pause_ms(5);
}

static void flood(struct connection *connection, const char *piece)
{
    size_t length = strlen(piece);
    while (!atomic_load(&connection->server->stopping) && put(connection, piece, length))
        ;
}

static void wait_for_end(struct connection *connection)
{
    char data[1024];
    while (recv(connection->socket, data, sizeof(data), 0) > 0)
        ;
}

static void answer_request(struct connection *connection)
{
    struct fake_server *server = connection->server;
    static const char head[] = "HTTP/1.1 200 OK\r\n";
    switch (server->behaviour) {
    case FAKE_SLOW:
        pause_ms(server->delay_ms);
        put(connection, server->answer, strlen(server->answer));
        break;
    case FAKE_ANSWER:
        put(connection, server->answer, strlen(server->answer));
        break;
    case FAKE_GARBAGE:
        put(connection, "\x16\x03\x01\xff\x00garbage\n\n", 14);
        shutdown(connection->socket, SHUT_WR);
        break;
    case FAKE_TRICKLE_HEAD:
        put(connection, head, sizeof(head) - 1);
        trickle(connection);
        break;
    case FAKE_TRICKLE_BODY:
        put(connection, server->answer, strlen(server->answer));
        trickle(connection);
        break;
    case FAKE_ENDLESS_HEAD:
        put(connection, head, sizeof(head) - 1);
        flood(connection, "X-More: and more and more and more\r\n");
        break;
    case FAKE_ENDLESS_LINE:
        put(connection, head, sizeof(head) - 1);
        put(connection, "X-More: ", 8);
        flood(connection, "and more and more and more and more");
        break;
    case FAKE_GIGABYTE:
        put(connection, server->answer, strlen(server->answer));
        flood(connection, "a gigabyte, line by line, without an end, as long as somebody takes it\n");
        break;
    case FAKE_SILENT:
    case FAKE_CLOSE:
        break;
    }
}

static void *serve(void *argument)
{
    struct connection *connection = argument;
    if (connection->server->behaviour == FAKE_SILENT)
        wait_for_end(connection);
    else if (connection->server->behaviour != FAKE_CLOSE)
        while (take_request(connection))
            answer_request(connection);
    atomic_fetch_add(&connection->server->closed, 1);
    shutdown(connection->socket, SHUT_RDWR);
    free(connection);
    return NULL;
}

static void *accept_all(void *argument)
{
    struct fake_server *server = argument;
    while (!atomic_load(&server->stopping)) {
        struct pollfd ready = {.fd = server->listener, .events = POLLIN};
        if (poll(&ready, 1, 20) != 1)
            continue;
        int socket = accept(server->listener, NULL, NULL);
        int at = atomic_load(&server->accepted);
        if (socket < 0)
            continue;
        if (at == MAX_CONNECTIONS) {
            close(socket);
            continue;
        }
        struct connection *connection = malloc(sizeof(*connection));
        connection->server = server;
        connection->socket = socket;
        server->sockets[at] = socket;
        /* First, because a test may ask as soon as it has its answer. */
        atomic_store(&server->accepted, at + 1);
        pthread_create(&server->threads[at], NULL, serve, connection);
    }
    return NULL;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 64) != 0)
        abort();
    return listener;
}

static int bind_loopback(bool six, int port, int *bound)
{
    int one = 1;
    struct sockaddr_in6 address6 = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in address4 = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = six ? (struct sockaddr *)&address6 : (struct sockaddr *)&address4;
    socklen_t length = six ? sizeof(address6) : sizeof(address4);
    int listener = socket(address->sa_family, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listener, address, length) != 0) {
        close(listener);
        return -1;
    }
    getsockname(listener, address, &length);
    *bound = ntohs(six ? address6.sin6_port : address4.sin_port);
    return listener;
}

struct fake_server *fake_server_start(const char *address, int port, enum fake_behaviour behaviour,
                                      const char *answer, int delay_ms)
{
    struct fake_server *server = calloc(1, sizeof(*server));
    server->behaviour = behaviour;
    server->answer = strdup(answer ? answer : "");
    server->delay_ms = delay_ms;
    pthread_mutex_init(&server->lock, NULL);
    if (address[0] == '/') {
        server->path = strdup(address);
        server->listener = listen_unix(address);
    } else {
        server->listener = bind_loopback(strchr(address, ':') != NULL, port, &server->port);
        if (server->listener < 0 || listen(server->listener, 64) != 0)
            abort();
    }
    pthread_create(&server->accepter, NULL, accept_all, server);
    return server;
}

void fake_server_stop(struct fake_server *server)
{
    if (!server)
        return;
    atomic_store(&server->stopping, true);
    pthread_join(server->accepter, NULL);
    for (int i = 0; i < atomic_load(&server->accepted); i++) {
        shutdown(server->sockets[i], SHUT_RDWR);
        pthread_join(server->threads[i], NULL);
        close(server->sockets[i]);
    }
    close(server->listener);
    if (server->path)
        unlink(server->path);
    pthread_mutex_destroy(&server->lock);
    free(server->path);
    free(server->answer);
    free(server);
}

int fake_server_port(const struct fake_server *server)
{
    return server->port;
}

int fake_server_connections(struct fake_server *server)
{
    return atomic_load(&server->accepted);
}

int fake_server_closed(struct fake_server *server)
{
    return atomic_load(&server->closed);
}

int fake_server_requests(struct fake_server *server)
{
    return atomic_load(&server->requests);
}

long fake_server_sent(struct fake_server *server)
{
    return atomic_load(&server->sent);
}

const char *fake_server_request(struct fake_server *server)
{
    return server->request;
}

int fake_refused_port(void)
{
    for (;;) {
        int port;
        int four = bind_loopback(false, 0, &port);
        if (four >= 0 && bind_loopback(true, port, &port) >= 0)
            return port;
        if (four >= 0)
            close(four);
    }
}

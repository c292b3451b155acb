/*
 * The connections that libcurl keeps between calls: with close-on-exec set, and known by where they go, so
 * that they can be shut when a server is about to be stopped.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "http_state.h"

struct http_connection {
    curl_socket_t socket;
    ino_t inode; /* tells whether the number still means this socket: not every way in which libcurl closes is
                    told */
    char *authority;
    struct http_connection *next;
};

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
    for (struct http_connection **at = &client->connections; *at; at = &(*at)->next) {
        struct http_connection *connection = *at;
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

void http_connection_set_options(struct http_call *call)
{
    const struct curl_library *curl = call->client->curl;
    curl->easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl->easy_setopt(call->easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl->easy_setopt(call->easy, CURLOPT_CLOSESOCKETDATA, call->client);
}

void http_connection_note(struct http_call *call)
{
    struct http_client *client = call->client;
    curl_socket_t socket = CURL_SOCKET_BAD;
    struct stat status;
    client->curl->easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD || fstat(socket, &status) != 0)
        return;
    for (struct http_connection *at = client->connections; at; at = at->next)
        if (at->socket == socket && at->inode == status.st_ino)
            return;
    drop_connection(client, socket);
    struct http_connection *connection = memory_new(1, sizeof(*connection));
    connection->socket = socket;
    connection->inode = status.st_ino;
    connection->authority = memory_copy_text(call->authority);
    connection->next = client->connections;
    client->connections = connection;
}

void http_connection_drop_all(struct http_client *client)
{
    while (client->connections)
        drop_connection(client, client->connections->socket);
}

void http_client_forget(struct http_client *client, const char *url, const char *unix_socket)
{
    char *authority = http_authority(url, unix_socket);
    /* Not closed here, because libcurl holds them: it finds them dead when it looks next. */
    for (struct http_connection *at = client->connections; at; at = at->next) {
        struct stat status;
        if (strcmp(at->authority, authority) == 0 && fstat(at->socket, &status) == 0 &&
            status.st_ino == at->inode)
            shutdown(at->socket, SHUT_RDWR);
    }
    free(authority);
}

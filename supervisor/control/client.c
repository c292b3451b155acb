#include "client.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "address.h"
#include "base/memory.h"
#include "base/text.h"
#include "rpc_codec.h"

#define CONNECT_MS 5000
#define READ_SIZE  ((size_t)64 * 1024)

struct client {
    int fd;
    int last_id; /* of the newest request */
    char *path;
    struct text in;
};

void reply_finish(struct reply *reply)
{
    cJSON_Delete(reply->result);
    cJSON_Delete(reply->data);
    free(reply->message);
    *reply = (struct reply){0};
}

static int64_t now_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

/* SIGPIPE would end a command whose supervisor went away; it is told as an error instead. */
static ssize_t send_bytes(int fd, const char *data, size_t length)
{
#ifdef MSG_NOSIGNAL
    return send(fd, data, length, MSG_NOSIGNAL);
#else
    return send(fd, data, length, 0);
#endif
}

/* A full backlog refuses a connection that does not wait; it has room again within moments. */
static int connect_patiently(int fd, const struct sockaddr_un *address)
{
    int64_t until = now_ms() + CONNECT_MS;
    while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        if ((errno != EAGAIN && errno != EINTR) || now_ms() >= until)
            return errno;
        poll(NULL, 0, 10);
    }
    return 0;
}

static int tell_connect_problem(int problem, const char *path, struct error *error)
{
    if (problem == EACCES || problem == EPERM) {
        error_set(error, ERROR_REFUSED, "not permitted to connect to %s", path);
        error_remedy(error, "run the command as the user whose supervisor it is");
        return ERROR_REFUSED;
    }
    if (problem == ENOENT || problem == ECONNREFUSED)
        return error_set(error, ERROR_NOT_RUNNING, "no supervisor is running: nobody listens on %s", path);
    return error_set_errno(error, ERROR_SYSTEM, problem, "cannot connect to %s", path);
}

int client_connect(const char *socket_path, struct client **client, struct error *error)
{
    if (!address_fits(socket_path))
        return error_set(error, ERROR_INVALID, "the socket's path %s is too long", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot make a socket");
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, socket_path, strlen(socket_path));
    int problem = connect_patiently(fd, &address);
    if (problem != 0) {
        close(fd);
        return tell_connect_problem(problem, socket_path, error);
    }
    *client = memory_new(1, sizeof(**client));
    (*client)->fd = fd;
    (*client)->path = memory_copy_text(socket_path);
    return 0;
}

void client_destroy(struct client *client)
{
    if (!client)
        return;
    close(client->fd);
    free(client->path);
    text_finish(&client->in);
    free(client);
}

static int tell_gone(const struct client *client, struct error *error)
{
    return error_set(error, ERROR_NOT_RUNNING, "the supervisor behind %s went away before it answered",
                     client->path);
}

/* 0 when the socket is ready; until is on now_ms's clock, -1: for ever. */
static int wait_for(struct client *client, short events, int64_t until, struct error *error)
{
    for (;;) {
        int64_t left = until < 0 ? -1 : until - now_ms();
        if (until >= 0 && left < 0)
            return error_set(error, ERROR_TIMED_OUT, "the supervisor behind %s does not answer",
                             client->path);
        struct pollfd waiting = {.fd = client->fd, .events = events};
        int ready = poll(&waiting, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return error_set_errno(error, ERROR_SYSTEM, errno, "cannot wait for %s", client->path);
    }
}

static int send_line(struct client *client, const struct text *line, int64_t until, struct error *error)
{
    size_t done = 0;
    while (done < line->length) {
        ssize_t sent = send_bytes(client->fd, line->data + done, line->length - done);
        if (sent >= 0) {
            done += (size_t)sent;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return tell_gone(client, error);
        int result = wait_for(client, POLLOUT, until, error);
        if (result != 0)
            return result;
    }
    return 0;
}

/* The next whole line, which is taken out of `in`; NULL where none is there yet. Owned by the caller. */
static char *take_line(struct text *in, size_t *looked_to)
{
    char *newline =
        in->length > *looked_to ? memchr(in->data + *looked_to, '\n', in->length - *looked_to) : NULL;
    if (!newline) {
        *looked_to = in->length;
        return NULL;
    }
    size_t length = (size_t)(newline - in->data);
    char *line = memory_copy_bytes(in->data, length);
    memmove(in->data, newline + 1, in->length - length);
    in->length -= length + 1;
    *looked_to = 0;
    return line;
}

static int receive(struct client *client, int64_t until, struct error *error)
{
    char bytes[READ_SIZE];
    ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);
    if (got > 0)
        text_append_bytes(&client->in, bytes, (size_t)got);
    else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return wait_for(client, POLLIN, until, error);
    else if (got == 0 || errno != EINTR)
        return tell_gone(client, error);
    return 0;
}

/* True where this line answers the request `id`, or refuses the whole conversation (id null). */
static bool read_reply(const char *line, int id, struct reply *reply)
{
    cJSON *object = cJSON_Parse(line);
    const cJSON *its_id = cJSON_GetObjectItemCaseSensitive(object, "id");
    cJSON *failure = cJSON_GetObjectItemCaseSensitive(object, "error");
    bool ours = (cJSON_IsNumber(its_id) && its_id->valueint == id) || (cJSON_IsNull(its_id) && failure);
    if (ours && failure) {
        const cJSON *code = cJSON_GetObjectItemCaseSensitive(failure, "code");
        const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(failure, "message"));
        reply->code = cJSON_IsNumber(code) && code->valueint != 0 ? code->valueint : RPC_INTERNAL_ERROR;
        reply->message = memory_copy_text(message ? message : "an error without a message");
        reply->data = cJSON_DetachItemFromObjectCaseSensitive(failure, "data");
    } else if (ours) {
        reply->result = cJSON_DetachItemFromObjectCaseSensitive(object, "result");
        if (!reply->result)
            reply->result = cJSON_CreateNull();
    }
    cJSON_Delete(object);
    return ours;
}

static int wait_for_reply(struct client *client, int id, int64_t until, struct reply *reply,
                          struct error *error)
{
    size_t looked_to = 0;
    for (;;) {
        char *line = take_line(&client->in, &looked_to);
        bool done = line && read_reply(line, id, reply);
        bool had_line = line != NULL;
        free(line);
        if (done)
            return 0;
        int result = had_line ? 0 : receive(client, until, error);
        if (result != 0)
            return result;
    }
}

static int64_t end_of(int64_t timeout_ms)
{
    return timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
}

int client_send(struct client *client, const char *method, cJSON *params, int64_t timeout_ms,
                struct error *error)
{
    char *id = text_format("%d", ++client->last_id);
    struct text line = {0};
    rpc_write_request(&line, id, method, params);
    cJSON_Delete(params);
    free(id);
    int result = send_line(client, &line, end_of(timeout_ms), error);
    text_finish(&line);
    return result;
}

int client_receive(struct client *client, int64_t timeout_ms, struct reply *reply, struct error *error)
{
    *reply = (struct reply){0};
    return wait_for_reply(client, client->last_id, end_of(timeout_ms), reply, error);
}

int client_call(struct client *client, const char *method, cJSON *params, int64_t timeout_ms,
                struct reply *reply, struct error *error)
{
    int64_t until = end_of(timeout_ms);
    *reply = (struct reply){0};
    int result = client_send(client, method, params, timeout_ms, error);
    return result != 0 ? result : wait_for_reply(client, client->last_id, until, reply, error);
}

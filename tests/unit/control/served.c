#include "served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"

static void on_wake(uv_async_t *wake)
{
    struct served *served = wake->data;
    served->job(served);
    uv_sem_post(&served->done);
}

static void run(void *context)
{
    struct served *served = context;
    uv_run(&served->loop, UV_RUN_DEFAULT);
}

void served_begin(struct served *served)
{
    signal(SIGPIPE, SIG_IGN);
    *served = (struct served){.folder = "/tmp/sidecard-test-XXXXXX"};
    assert_non_null(mkdtemp(served->folder));
    setenv("XDG_RUNTIME_DIR", served->folder, 1);
    uv_loop_init(&served->loop);
    uv_sem_init(&served->done, 0);
    uv_async_init(&served->loop, &served->wake, on_wake);
    served->wake.data = served;
    struct control_target target = fake_target_table(&served->fake);
    struct control_place place = {
        .folder = served->folder, .data_dir = served->folder, .mode = "remote_slim"};
    struct error error = {0};
    if (control_server_open(&served->loop, &target, &place, &served->server, &error) != 0)
        fail_msg("%s", error.message);
    snprintf(served->socket, sizeof(served->socket), "%s", control_server_socket(served->server));
    uv_thread_create(&served->thread, run, served);
}

void served_do(struct served *served, void (*job)(struct served *served))
{
    served->job = job;
    uv_async_send(&served->wake);
    uv_sem_wait(&served->done);
}

static void on_server_closed(void *context)
{
    struct served *served = context;
    served->server = NULL;
    uv_close((uv_handle_t *)&served->wake, NULL);
}

static void close_server(struct served *served)
{
    control_server_close(served->server, on_server_closed, served);
}

void served_end(struct served *served)
{
    served_do(served, close_server);
    uv_thread_join(&served->thread);
    assert_null(served->server);
    assert_int_not_equal(access(served->socket, F_OK), 0);
    fake_target_release(&served->fake);
    assert_int_equal(uv_loop_close(&served->loop), 0);
    uv_sem_destroy(&served->done);
    char *command = text_format("test ! -e %s/runtime.json && rm -rf %s", served->folder, served->folder);
    assert_int_equal(system(command), 0);
    free(command);
}

int raw_connect(const struct served *served)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, served->socket, strlen(served->socket));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

void raw_send_bytes(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        assert_true(sent > 0);
        data += sent;
        length -= (size_t)sent;
    }
}

void raw_send(int fd, const char *text)
{
    raw_send_bytes(fd, text, strlen(text));
}

char *raw_line(int fd)
{
    struct text line = {0};
    for (;;) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        char peeked[65536];
        ssize_t got = poll(&waiting, 1, 2000) == 1 ? recv(fd, peeked, sizeof(peeked), MSG_PEEK) : -1;
        if (got <= 0) {
            text_finish(&line);
            return NULL;
        }
        char *newline = memchr(peeked, '\n', (size_t)got);
        size_t length = newline ? (size_t)(newline - peeked) + 1 : (size_t)got;
        assert_int_equal(recv(fd, peeked, length, 0), length);
        text_append_bytes(&line, peeked, newline ? length - 1 : length);
        if (newline)
            return text_take(&line);
    }
}

void raw_expect(int fd, const char *request, const char *answer)
{
    raw_send(fd, request);
    char *line = raw_line(fd);
    assert_non_null(line);
    assert_string_equal(line, answer);
    free(line);
}

void raw_expect_silence(int fd, int ms)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, ms), 0);
}

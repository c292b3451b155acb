#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"
#include "served.h"

#define STATUS(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"runtime_status\"}\n"
#define STATUS_ANSWER(id)                                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"state\":\"ready\",\"detail\":false}}"
#define LATER                                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":\"l\",\"method\":\"sidecar_start\",\"params\":{\"name\":\"later\"}}\n"
#define RELEASED "{\"jsonrpc\":\"2.0\",\"id\":\"l\",\"result\":\"released\"}"

static struct served served;
static struct shell_ends ends;
static atomic_int gone;
static uv_sem_t news;

static void on_gone(void *context)
{
    gone++;
    uv_sem_post(&news);
}

static void serve(struct served *s)
{
    assert_int_equal(control_server_serve_shell(s->server, &ends, on_gone, NULL, NULL), 0);
}

static void release(struct served *s)
{
    fake_target_release(&s->fake);
}

static int setup(void **state)
{
    served_begin(&served);
    uv_sem_init(&news, 0);
    gone = 0;
    return 0;
}

static int teardown(void **state)
{
    served_end(&served);
    uv_sem_destroy(&news);
    return 0;
}

/* Two sockets, so that what comes back can be read with a time limit. */
static void serve_sockets(int *to, int *from)
{
    int in[2], out[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
    ends = (struct shell_ends){.input = in[0], .output = out[0], .shell = getpid()};
    *to = in[1];
    *from = out[1];
    served_do(&served, serve);
}

static void expect_line(int fd, const char *wanted)
{
    char *line = raw_line(fd);
    assert_non_null(line);
    assert_string_equal(line, wanted);
    free(line);
}

static void test_requests_are_answered_until_the_end(void **state)
{
    int to, from;
    serve_sockets(&to, &from);
    raw_send(to, STATUS("1"));
    expect_line(from, STATUS_ANSWER("1"));
    raw_send(to, LATER STATUS("2"));
    expect_line(from, STATUS_ANSWER("2"));
    assert_string_equal(served.fake.last_noted, "sidecar_start stdio 1");
    raw_send(to, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"runtime_status\"}");
    assert_int_equal(gone, 0);
    close(to);
    expect_line(from, STATUS_ANSWER("3"));
    uv_sem_wait(&news);
    served_do(&served, release);
    expect_line(from, RELEASED);
    assert_null(raw_line(from));
    assert_int_equal(gone, 1);
    close(from);
}

static void test_an_output_that_breaks_is_the_end(void **state)
{
    int to, from;
    serve_sockets(&to, &from);
    raw_send(to, STATUS("1"));
    expect_line(from, STATUS_ANSWER("1"));
    close(from);
    uv_sem_wait(&news);
    assert_int_equal(gone, 1);
    close(to);
}

static void test_files(void **state)
{
    char *requests = text_format("%s/requests", served.folder);
    char answers[] = "/tmp/sidecard-test-answers-XXXXXX";
    FILE *file = fopen(requests, "w");
    for (int i = 0; i < 2000; i++)
        fputs(STATUS("1"), file);
    fclose(file);
    ends = (struct shell_ends){.input = open(requests, O_RDONLY | O_CLOEXEC), .output = mkstemp(answers)};
    served_do(&served, serve);
    uv_sem_wait(&news);
    /* Whoever ends the server ends it with everything written. */
    teardown(NULL);
    setup(NULL);
    file = fopen(answers, "r");
    char line[256];
    int count = 0;
    while (fgets(line, sizeof(line), file)) {
        assert_string_equal(line, STATUS_ANSWER("1") "\n");
        count++;
    }
    assert_int_equal(count, 2000);
    fclose(file);
    unlink(answers);
    free(requests);
}

static void test_a_device_that_is_empty(void **state)
{
    ends = (struct shell_ends){.input = open("/dev/null", O_RDONLY | O_CLOEXEC),
                               .output = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    served_do(&served, serve);
    uv_sem_wait(&news);
    assert_int_equal(gone, 1);
}

/* The end of the server is no news about the shell. */
static void test_the_servers_end_answers_what_is_open(void **state)
{
    struct served own;
    served_begin(&own);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ends = (struct shell_ends){.input = pair[0], .output = fcntl(pair[0], F_DUPFD_CLOEXEC, 3)};
    int flags = fcntl(pair[1], F_GETFL);
    served_do(&own, serve);
    raw_send(pair[1], LATER STATUS("1"));
    expect_line(pair[1], STATUS_ANSWER("1"));
    served_end(&own);
    char *line = raw_line(pair[1]);
    assert_non_null(strstr(line, "-32000"));
    free(line);
    assert_null(raw_line(pair[1]));
    assert_int_equal(gone, 0);
    assert_int_equal(fcntl(pair[1], F_GETFL), flags);
    close(pair[1]);
}

/* Its input has hung up and it reads nothing: nothing more is to be expected of it. */
static void test_a_client_that_hangs_up_unread_is_gone(void **state)
{
    served.fake.status_padding = 100000;
    int to, from;
    serve_sockets(&to, &from);
    struct text flood = {0};
    for (int i = 0; i < 5000; i++)
        text_append(&flood, STATUS("1"));
    assert_true(send(to, flood.data, flood.length, MSG_DONTWAIT | MSG_NOSIGNAL) > 0);
    text_finish(&flood);
    close(to);
    uv_sem_wait(&news);
    assert_int_equal(gone, 1);
    close(from);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SERVED(test_requests_are_answered_until_the_end),
        SERVED(test_an_output_that_breaks_is_the_end),
        SERVED(test_files),
        SERVED(test_a_device_that_is_empty),
        SERVED(test_the_servers_end_answers_what_is_open),
        SERVED(test_a_client_that_hangs_up_unread_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

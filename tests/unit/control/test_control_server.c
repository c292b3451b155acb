#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "control/client.h"
#include "control/rpc_codec.h"
#include "served.h"

#define CALL(id, method, params)                                                                             \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}\n"
#define STATUS(id) CALL(id, "runtime_status", "{}")
#define STATUS_ANSWER(id)                                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"state\":\"ready\",\"detail\":false}}"

static struct served served;

static int setup(void **state)
{
    served_begin(&served);
    return 0;
}

static int teardown(void **state)
{
    served_end(&served);
    return 0;
}

static void release(struct served *s)
{
    fake_target_release(&s->fake);
}

/* What the server has received before this answer was handled before it. */
static void settle(int fd)
{
    raw_expect(fd, STATUS("\"settle\""), STATUS_ANSWER("\"settle\""));
}

static int error_code_of(const char *line)
{
    cJSON *object = cJSON_Parse(line);
    assert_non_null(object);
    const cJSON *code =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(object, "error"), "code");
    int value = cJSON_IsNumber(code) ? code->valueint : 0;
    cJSON_Delete(object);
    return value;
}

static void expect_error(int fd, const char *request, int code)
{
    raw_send(fd, request);
    char *line = raw_line(fd);
    assert_non_null(line);
    if (error_code_of(line) != code)
        fail_msg("%.80s: %s", request, line);
    free(line);
}

static void test_mode_of_the_socket(void **state)
{
    struct stat info;
    assert_int_equal(stat(served.socket, &info), 0);
    assert_true(S_ISSOCK(info.st_mode));
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_methods(void **state)
{
    int fd = raw_connect(&served);
    raw_expect(fd, STATUS("1"), STATUS_ANSWER("1"));
    raw_expect(fd, CALL("\"x\"", "desktop_runtime_status", "{\"detail\":true}"),
               "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"state\":\"ready\",\"detail\":true}}");
    raw_expect(fd, CALL("2", "sidecar_restart", "{\"name\":\"now\"}"),
               "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"name\":\"now\"}}");
    raw_expect(fd, CALL("3", "sidecar_logs", "{\"name\":\"now\"}"),
               "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"tail\":100}}");
    assert_string_equal(served.fake.last_noted, "sidecar_restart socket 1");
    raw_expect(fd, CALL("4", "runtime_diagnostics", "{\"limit\":100000,\"since_seq\":7,\"unknown\":1}"),
               "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"limit\":300}}");
    assert_true(served.fake.last_diagnostics.has_since);
    raw_expect(fd, CALL("5", "runtime_diagnostics", "{\"limit\":0}"),
               "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"limit\":1}}");
    raw_expect(fd, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"runtime_diagnostics\"}\n",
               "{\"jsonrpc\":\"2.0\",\"id\":6,\"result\":{\"limit\":80}}");
    close(fd);
}

static void test_errors(void **state)
{
    int fd = raw_connect(&served);
    expect_error(fd, "garbage\n", RPC_PARSE_ERROR);
    expect_error(fd, "\xff\xfe\n", RPC_PARSE_ERROR);
    expect_error(fd, "{}\n", RPC_INVALID_REQUEST);
    expect_error(fd, "[]\n", RPC_INVALID_REQUEST);
    expect_error(fd, CALL("1", "no_such", "{}"), RPC_METHOD_NOT_FOUND);
    expect_error(fd, CALL("1", "desktop_desktop_runtime_status", "{}"), RPC_METHOD_NOT_FOUND);
    expect_error(fd, CALL("1", "sidecar_start", "{}"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "sidecar_start", "{\"name\":5}"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "sidecar_start", "[\"now\"]"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "sidecar_start", "{\"name\":\"now\",\"timeout_ms\":-1}"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "runtime_diagnostics", "{\"level\":\"loud\"}"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "runtime_start", "{\"profile_path\":\"a.yaml\"}"), RPC_INVALID_PARAMS);
    expect_error(fd, CALL("1", "sidecar_stop", "{\"name\":\"none\"}"), RPC_NO_SUCH_SIDECAR);
    settle(fd);
    close(fd);
}

static void test_an_error_carries_its_object(void **state)
{
    int fd = raw_connect(&served);
    raw_expect(
        fd, CALL("1", "sidecar_stop", "{\"name\":\"none\"}"),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32001,\"message\":\"no sidecar 'none'; known: "
        "now, "
        "later\",\"data\":{\"code\":\"invalid\",\"message\":\"no sidecar 'none'\",\"remedy\":\"known: now, "
        "later\",\"searched\":[]}}}");
    close(fd);
}

static void test_empty_lines_and_notifications_are_silent(void **state)
{
    int fd = raw_connect(&served);
    raw_send(fd, "\n\r\n   \n{\"jsonrpc\":\"2.0\",\"method\":\"runtime_status\"}\n"
                 "{\"jsonrpc\":\"2.0\",\"method\":\"nonsense\"}\n");
    raw_expect_silence(fd, 50);
    settle(fd);
    close(fd);
}

static void test_answers_come_as_they_are_done(void **state)
{
    int fd = raw_connect(&served);
    raw_send(fd, CALL("1", "sidecar_start", "{\"name\":\"later\"}"));
    raw_expect(fd, STATUS("2"), STATUS_ANSWER("2"));
    raw_send(fd, CALL("3", "runtime_stop", "{}"));
    char *first = raw_line(fd);
    assert_string_equal(first, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"released\"}");
    free(first);
    char *second = raw_line(fd);
    assert_string_equal(second, STATUS_ANSWER("3"));
    free(second);
    close(fd);
}

static void test_half_a_line_waits(void **state)
{
    int slow = raw_connect(&served);
    int other = raw_connect(&served);
    raw_send(slow, "{\"jsonrpc\":\"2.0\",\"id\":1,\"meth");
    raw_expect_silence(slow, 50);
    settle(other);
    const char *rest = "od\":\"runtime_status\"}\n";
    for (const char *at = rest; *at; at++)
        raw_send_bytes(slow, at, 1);
    char *line = raw_line(slow);
    assert_string_equal(line, STATUS_ANSWER("1"));
    free(line);
    close(slow);
    close(other);
}

static void test_the_last_line_needs_no_newline(void **state)
{
    int fd = raw_connect(&served);
    raw_send(fd,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sidecar_start\",\"params\":{\"name\":\"later\"}}");
    shutdown(fd, SHUT_WR);
    raw_expect_silence(fd, 50);
    served_do(&served, release);
    char *line = raw_line(fd);
    assert_string_equal(line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"released\"}");
    free(line);
    assert_null(raw_line(fd));
    close(fd);
}

static char *padded_line(size_t length)
{
    char *line = malloc(length + 2);
    memset(line, ' ', length);
    memcpy(line, STATUS("1"), strlen(STATUS("1")) - 1);
    line[length] = '\n';
    line[length + 1] = '\0';
    return line;
}

static void test_lines_up_to_a_megabyte(void **state)
{
    int fd = raw_connect(&served);
    char *longest = padded_line(RPC_LINE_MAX);
    raw_send(fd, longest);
    free(longest);
    char *line = raw_line(fd);
    assert_string_equal(line, STATUS_ANSWER("1"));
    free(line);
    char *too_long = padded_line(RPC_LINE_MAX + 1);
    expect_error(fd, too_long, RPC_INVALID_REQUEST);
    free(too_long);
    settle(fd);
    close(fd);
}

static void test_a_line_without_end_is_refused_once(void **state)
{
    int fd = raw_connect(&served);
    char *piece = malloc(RPC_LINE_MAX);
    memset(piece, 'x', RPC_LINE_MAX);
    for (int i = 0; i < 5; i++)
        raw_send_bytes(fd, piece, RPC_LINE_MAX);
    free(piece);
    char *line = raw_line(fd);
    assert_int_equal(error_code_of(line), RPC_INVALID_REQUEST);
    free(line);
    raw_expect_silence(fd, 50);
    raw_send(fd, "\n");
    settle(fd);
    close(fd);
}

static void test_batch(void **state)
{
    int fd = raw_connect(&served);
    raw_send(fd,
             "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sidecar_start\",\"params\":{\"name\":\"later\"}},"
             "{\"jsonrpc\":\"2.0\",\"method\":\"runtime_status\"},7,"
             "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"runtime_status\"}]\n");
    settle(fd);
    served_do(&served, release);
    char *line = raw_line(fd);
    cJSON *answers = cJSON_Parse(line);
    assert_int_equal(cJSON_GetArraySize(answers), 3);
    assert_string_equal(cJSON_GetArrayItem(answers, 2)->child->next->string, "id");
    assert_int_equal(cJSON_GetArrayItem(answers, 2)->child->next->valueint, 1);
    cJSON_Delete(answers);
    free(line);
    raw_send(fd, "[{\"jsonrpc\":\"2.0\",\"method\":\"runtime_status\"}]\n");
    raw_expect_silence(fd, 50);
    settle(fd);
    close(fd);
}

static void test_time_is_over(void **state)
{
    int fd = raw_connect(&served);
    raw_expect(fd, CALL("1", "sidecar_start", "{\"name\":\"later\",\"timeout_ms\":20}"),
               "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32004,\"message\":\"not done after 20 ms; "
               "the work "
               "goes on\",\"data\":{\"state\":\"ready\",\"detail\":false}}}");
    raw_send(fd, CALL("2", "sidecar_start", "{\"name\":\"later\",\"timeout_ms\":60}")
                     CALL("3", "sidecar_start", "{\"name\":\"later\",\"timeout_ms\":30}")
                         CALL("4", "sidecar_start", "{\"name\":\"later\",\"timeout_ms\":0}"));
    char *first = raw_line(fd);
    assert_non_null(strstr(first, "\"id\":3,"));
    free(first);
    char *second = raw_line(fd);
    assert_non_null(strstr(second, "\"id\":2,"));
    free(second);
    served_do(&served, release);
    char *third = raw_line(fd);
    assert_non_null(strstr(third, "\"id\":4,\"result\""));
    free(third);
    settle(fd);
    close(fd);
}

static void test_client_gone_before_the_answer(void **state)
{
    int other = raw_connect(&served);
    for (int i = 0; i < 50; i++) {
        int fd = raw_connect(&served);
        raw_send(fd, CALL("1", "sidecar_start",
                          "{\"name\":\"later\"}") "[{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"sidecar_"
                                                  "start\",\"params\":{\"name\":\"later\"}}]\n");
        if (i % 2)
            settle(fd);
        close(fd);
    }
    settle(other);
    served_do(&served, release);
    settle(other);
    close(other);
}

static void test_a_client_that_does_not_read(void **state)
{
    served.fake.status_padding = 10000;
    int deaf = raw_connect(&served);
    int other = raw_connect(&served);
    struct text lines = {0};
    for (int i = 0; i < 5000; i++)
        text_append(&lines, STATUS("1"));
    /* It takes what fits; the server stops reading when its answers are not read. */
    ssize_t sent = send(deaf, lines.data, lines.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    assert_true(sent > 0);
    for (int i = 0; i < 20; i++) {
        raw_send(other, STATUS("2"));
        free(raw_line(other));
    }
    int answered = 0;
    for (char *line; (line = raw_line(deaf)); answered++)
        free(line);
    assert_int_equal(answered, (size_t)sent / strlen(STATUS("1")));
    text_finish(&lines);
    close(deaf);
    close(other);
}

static void test_a_flood_shares_the_loop(void **state)
{
    served.fake.status_padding = 2000;
    int flood = raw_connect(&served);
    int other = raw_connect(&served);
    struct text batch = {0};
    text_append(&batch, "[");
    for (int i = 0; i < RPC_BATCH_MAX; i++)
        text_printf(&batch, "%s{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"runtime_status\"}", i ? "," : "",
                    i);
    text_append(&batch, "]\n");
    raw_send_bytes(flood, batch.data, batch.length);
    served.fake.status_padding = 0;
    settle(other);
    char *line = raw_line(flood);
    cJSON *answers = cJSON_Parse(line);
    assert_int_equal(cJSON_GetArraySize(answers), RPC_BATCH_MAX);
    cJSON_Delete(answers);
    free(line);
    text_finish(&batch);
    close(flood);
    close(other);
}

static void test_too_many_open_requests(void **state)
{
    int fd = raw_connect(&served);
    for (int i = 0; i < 1030; i++)
        raw_send(fd, CALL("1", "sidecar_start", "{\"name\":\"later\"}"));
    for (int i = 0; i < 6; i++) {
        char *line = raw_line(fd);
        assert_int_equal(error_code_of(line), RPC_BUSY);
        free(line);
    }
    served_do(&served, release);
    for (int i = 0; i < 1024; i++)
        free(raw_line(fd));
    settle(fd);
    close(fd);
}

static void test_silent_clients(void **state)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    struct rlimit wanted = {.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096,
                            .rlim_max = limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &wanted);
    enum { SILENT = 1000 };
    static int silent[SILENT];
    for (int i = 0; i < SILENT; i++)
        silent[i] = raw_connect(&served);
    int fd = raw_connect(&served);
    settle(fd);
    for (int i = 0; i < SILENT; i++)
        close(silent[i]);
    settle(fd);
    close(fd);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_client(void **state)
{
    struct client *client;
    struct error error = {0};
    assert_int_equal(client_connect(served.socket, &client, &error), 0);
    struct reply reply;
    assert_int_equal(client_call(client, "runtime_status", NULL, 2000, &reply, &error), 0);
    assert_int_equal(reply.code, 0);
    assert_non_null(cJSON_GetObjectItemCaseSensitive(reply.result, "state"));
    reply_finish(&reply);
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "name", "none");
    assert_int_equal(client_call(client, "sidecar_start", params, 2000, &reply, &error), 0);
    assert_int_equal(reply.code, RPC_NO_SUCH_SIDECAR);
    assert_non_null(reply.data);
    reply_finish(&reply);
    params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "name", "later");
    assert_int_equal(client_call(client, "sidecar_start", params, 30, &reply, &error), ERROR_TIMED_OUT);
    reply_finish(&reply);
    served_do(&served, release);
    served.fake.status_padding = 3000000;
    assert_int_equal(client_call(client, "runtime_status", NULL, 5000, &reply, &error), 0);
    assert_int_equal(reply.code, 0);
    reply_finish(&reply);
    client_destroy(client);
    error_finish(&error);
    assert_int_equal(client_connect("/nonexistent/x.sock", &client, &error), ERROR_NOT_RUNNING);
    error_finish(&error);
}

/* What was answered before the server closes reaches its caller, and so does a word to who still waits. */
static void test_closing_flushes(void **state)
{
    struct served own;
    served_begin(&own);
    own.fake.status_padding = 3000000;
    int reading = raw_connect(&own);
    int waiting = raw_connect(&own);
    raw_send(waiting, CALL("1", "runtime_start", "{}"));
    raw_send(reading, STATUS("1"));
    struct pollfd first = {.fd = reading, .events = POLLIN};
    assert_int_equal(poll(&first, 1, 2000), 1);
    uv_thread_t ending;
    uv_thread_create(&ending, (uv_thread_cb)served_end, &own);
    char *line = raw_line(reading);
    assert_non_null(line);
    assert_true(strlen(line) > 3000000);
    free(line);
    line = raw_line(waiting);
    assert_int_equal(error_code_of(line), RPC_BUSY);
    free(line);
    uv_thread_join(&ending);
    close(reading);
    close(waiting);
}

static void test_a_stale_socket_makes_room_a_live_one_does_not(void **state)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct fake_target fake = {0};
    struct control_target target = fake_target_table(&fake);
    struct control_server *server = NULL;
    struct control_place place = {
        .folder = served.folder, .data_dir = "/x", .socket = served.socket, .mode = "remote_slim"};
    char other[] = "/tmp/sidecard-test-XXXXXX";
    assert_non_null(mkdtemp(other));
    place.folder = other;
    struct error error = {0};
    assert_int_equal(control_server_open(&loop, &target, &place, &server, &error), ERROR_REFUSED);
    error_finish(&error);
    uv_run(&loop, UV_RUN_DEFAULT);

    char *stale = text_format("%s/sidecard.sock", other);
    char *make = text_format("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"%s\")'", stale);
    assert_int_equal(system(make), 0);
    place.socket = NULL;
    assert_int_equal(control_server_open(&loop, &target, &place, &server, &error), 0);
    control_server_close(server, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    rmdir(other);
    free(make);
    free(stale);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SERVED(test_mode_of_the_socket),
        SERVED(test_methods),
        SERVED(test_errors),
        SERVED(test_an_error_carries_its_object),
        SERVED(test_empty_lines_and_notifications_are_silent),
        SERVED(test_answers_come_as_they_are_done),
        SERVED(test_half_a_line_waits),
        SERVED(test_the_last_line_needs_no_newline),
        SERVED(test_lines_up_to_a_megabyte),
        SERVED(test_a_line_without_end_is_refused_once),
        SERVED(test_batch),
        SERVED(test_time_is_over),
        SERVED(test_client_gone_before_the_answer),
        SERVED(test_a_client_that_does_not_read),
        SERVED(test_a_flood_shares_the_loop),
        SERVED(test_too_many_open_requests),
        SERVED(test_silent_clients),
        SERVED(test_client),
        SERVED(test_a_stale_socket_makes_room_a_live_one_does_not),
        cmocka_unit_test(test_closing_flushes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

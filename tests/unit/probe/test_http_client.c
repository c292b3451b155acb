#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fake_server.h"
#include "loop_run.h"
#include "probe/http_client.h"

#define OK_ANSWER      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nok"
#define ENDLESS_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"

struct fixture {
    uv_loop_t loop;
    struct http_client *client;
    char url[100];
};

struct seen {
    struct fixture *fixture;
    struct http_call *call;
    int done;
    int headers;
    int status;
    bool cut;
    struct text body;
    char error[200];
    void (*in_data)(struct seen *seen); /* mischief */
    void (*in_done)(struct seen *seen);
};

static void on_header(void *context, const char *line, size_t length)
{
    struct seen *seen = context;
    assert_true(length > 2);
    seen->headers++;
}

static void on_head(void *context, int status)
{
    struct seen *seen = context;
    seen->status = status;
}

static void on_data(void *context, const char *data, size_t length)
{
    struct seen *seen = context;
    text_append_bytes(&seen->body, data, length);
    if (seen->in_data)
        seen->in_data(seen);
}

static void on_done(void *context, const struct http_result *result)
{
    struct seen *seen = context;
    seen->done++;
    seen->cut = result->cut;
    snprintf(seen->error, sizeof(seen->error), "%s", result->error ? result->error : "");
    if (seen->in_done)
        seen->in_done(seen);
}

static const struct http_handler handler = {
    .header = on_header, .head = on_head, .data = on_data, .done = on_done};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    fixture->client = http_client_create(&fixture->loop);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_client_destroy(fixture->client);
    loop_finish(&fixture->loop);
    free(fixture);
    return 0;
}

static struct fake_server *serve(struct fixture *fixture, enum fake_behaviour behaviour, const char *answer)
{
    struct fake_server *server = fake_server_start("127.0.0.1", 0, behaviour, answer, 100);
    snprintf(fixture->url, sizeof(fixture->url), "http://127.0.0.1:%d/x", fake_server_port(server));
    return server;
}

static void call_and_wait(struct fixture *fixture, const struct http_request *request, struct seen *seen)
{
    seen->fixture = fixture;
    seen->call = http_call_start(fixture->client, request, &handler, seen);
    assert_int_equal(seen->done + seen->headers, 0);
    assert_true(loop_run_until(&fixture->loop, &seen->done, 3000));
}

static void an_answer_comes_piece_by_piece(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_ANSWER, OK_ANSWER);
    struct seen seen = {0};
    struct http_request request = {.url = fixture->url};
    call_and_wait(fixture, &request, &seen);
    assert_int_equal(seen.status, 200);
    assert_int_equal(seen.headers, 3);
    assert_string_equal(text_get(&seen.body), "ok");
    assert_string_equal(seen.error, "");
    text_finish(&seen.body);
    fake_server_stop(server);
}

static void a_body_is_posted(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_ANSWER, OK_ANSWER);
    struct seen seen = {0};
    struct strings headers = {0};
    strings_add(&headers, "Content-Type: application/json");
    struct http_request request = {.url = fixture->url,
                                   .method = "DELETE",
                                   .headers = &headers,
                                   .body = "{\"model\":1}",
                                   .body_length = 11};
    call_and_wait(fixture, &request, &seen);
    assert_non_null(strstr(fake_server_request(server), "DELETE /x HTTP/1.1\r\n"));
    assert_non_null(strstr(fake_server_request(server), "Content-Length: 11\r\n"));
    assert_non_null(strstr(fake_server_request(server), "Content-Type: application/json\r\n"));
    assert_null(strstr(fake_server_request(server), "Expect"));
    strings_finish(&headers);
    text_finish(&seen.body);
    fake_server_stop(server);
}

static void what_is_wrong_is_said_in_words(void **state)
{
    struct fixture *fixture = *state;
    const struct {
        const char *url;
        const char *wanted;
    } cases[] = {
        {"ftp://127.0.0.1/", "is not HTTP"},
        {"http://127.0.0.1:99999/", "127.0.0.1:99999"},
        {"http://no-such-host.invalid/", "the host of no-such-host.invalid is not known"},
        {"nonsense://", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen = {0};
        struct http_request request = {.url = cases[i].url, .timeout_ms = 2000};
        call_and_wait(fixture, &request, &seen);
        print_message("  %s\n", seen.error);
        assert_true(strlen(seen.error) > 0);
        assert_non_null(strstr(seen.error, cases[i].wanted));
    }
    struct fake_server *server = serve(fixture, FAKE_SILENT, NULL);
    struct seen seen = {0};
    struct http_request request = {.url = fixture->url, .timeout_ms = 150};
    call_and_wait(fixture, &request, &seen);
    assert_non_null(strstr(seen.error, "no answer from 127.0.0.1:"));
    assert_non_null(strstr(seen.error, " in 150 ms"));
    fake_server_stop(server);
}

static void an_answer_is_cut_at_its_limit(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_GIGABYTE, ENDLESS_ANSWER);
    struct seen seen = {0};
    struct http_request request = {.url = fixture->url, .answer_limit = 10000};
    call_and_wait(fixture, &request, &seen);
    assert_true(seen.cut);
    assert_string_equal(seen.error, "");
    assert_int_equal(seen.body.length + strlen(ENDLESS_ANSWER), 10000);
    text_finish(&seen.body);
    fake_server_stop(server);
}

static void cancel_itself(struct seen *seen)
{
    http_call_cancel(seen->call);
}

static void drain_itself(struct seen *seen)
{
    http_call_drain(seen->call);
}

static void a_call_can_end_from_within_itself(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_GIGABYTE, ENDLESS_ANSWER);
    void (*const endings[])(struct seen *) = {cancel_itself, drain_itself};
    for (size_t i = 0; i < 2; i++) {
        struct seen seen = {.fixture = fixture, .in_data = endings[i]};
        struct http_request request = {.url = fixture->url, .timeout_ms = 100, .answer_limit = 100000};
        seen.call = http_call_start(fixture->client, &request, &handler, &seen);
        loop_run_for(&fixture->loop, 200);
        assert_true(seen.body.length > 0 && seen.body.length < 50000);
        assert_int_equal(seen.done, 0);
        text_finish(&seen.body);
    }
    fake_server_stop(server);
}

static void destroy_client(struct seen *seen)
{
    http_client_destroy(seen->fixture->client);
    seen->fixture->client = NULL;
}

static void the_client_can_go_from_within_a_call(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_ANSWER, OK_ANSWER);
    struct seen first = {.fixture = fixture, .in_data = destroy_client};
    struct seen second = {.fixture = fixture, .in_done = destroy_client};
    struct seen *const cases[] = {&first, &second};
    struct http_request request = {.url = fixture->url};
    for (size_t i = 0; i < 2; i++) {
        if (!fixture->client)
            fixture->client = http_client_create(&fixture->loop);
        struct seen others[3] = {{0}};
        for (size_t j = 0; j < 3; j++)
            others[j].call = http_call_start(fixture->client, &request, &handler, &others[j]);
        cases[i]->call = http_call_start(fixture->client, &request, &handler, cases[i]);
        for (int turn = 0; turn < 200 && fixture->client; turn++)
            loop_run_for(&fixture->loop, 5);
        assert_null(fixture->client);
        for (size_t j = 0; j < 3; j++)
            text_finish(&others[j].body);
        text_finish(&cases[i]->body);
    }
    fake_server_stop(server);
}

static void call_again(struct seen *seen)
{
    struct http_request request = {.url = seen->fixture->url};
    if (seen->done >= 5)
        return;
    seen->call = http_call_start(seen->fixture->client, &request, &handler, seen);
}

static void calls_follow_each_other_from_within(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = serve(fixture, FAKE_ANSWER, OK_ANSWER);
    struct seen seen = {.fixture = fixture, .in_done = call_again};
    struct http_request request = {.url = fixture->url};
    seen.call = http_call_start(fixture->client, &request, &handler, &seen);
    for (int turn = 0; turn < 200 && seen.done < 5; turn++)
        loop_run_for(&fixture->loop, 5);
    assert_int_equal(seen.done, 5);
    assert_int_equal(fake_server_connections(server), 1);
    text_finish(&seen.body);
    fake_server_stop(server);
}

static void a_cancelled_look_up_does_not_block(void **state)
{
    struct fixture *fixture = *state;
    struct http_request request = {.url = "http://no-such-host.invalid/"};
    for (int i = 0; i < 10; i++) {
        struct seen seen = {0};
        seen.call = http_call_start(fixture->client, &request, &handler, &seen);
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
        double before = now_in_ms();
        if (!seen.done)
            http_call_cancel(seen.call);
        assert_true(now_in_ms() - before < 50);
    }
    loop_run_for(&fixture->loop, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_comes_piece_by_piece, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_is_posted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said_in_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_is_cut_at_its_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_can_end_from_within_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_client_can_go_from_within_a_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_follow_each_other_from_within, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_look_up_does_not_block, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/listeners.h"
#include "base/memory.h"
#include "base/text.h"
#include "log_fixture.h"
#include "logs/redactor.h"

static void bytes_go_to_the_file_as_they_came(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "one\r\ntw");
    fixture_err(fixture, "err\xFF\n");
    fixture_out(fixture, "o\nlast");
    assert_file(fixture, "web.log", "one\r\ntwerr\xFF\no\nlast");
    assert_tail(fixture, "one|err\xEF\xBF\xBD|two");
    log_flush_partial(fixture->log, LOG_STDOUT, FIXTURE_NOW_MS);
    assert_tail(fixture, "one|err\xEF\xBF\xBD|two|last");
    assert_file(fixture, "web.log", "one\r\ntwerr\xFF\no\nlast");
}

static void rows_have_what_the_specification_says(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    assert_int_equal(log_last_seq(fixture->log), 0);
    fixture_out(fixture, "a\n");
    fixture_err(fixture, "b\n");
    assert_int_equal(log_last_seq(fixture->log), FIXTURE_FIRST_SEQ + 1);
    cJSON *tail = log_tail(fixture->log, &(struct log_query){.tail = 100});
    char *printed = cJSON_PrintUnformatted(tail);
    assert_string_equal(printed,
                        "{\"lines\":[{\"seq\":1767225600123456,\"ts_ms\":1767225600123,\"stream\":\"stdout\","
                        "\"text\":\"a\"},{\"seq\":1767225600123457,\"ts_ms\":1767225600123,"
                        "\"stream\":\"stderr\",\"text\":\"b\"}],\"dropped\":0}");
    free(printed);
    cJSON_Delete(tail);
}

static void assert_query(const struct fixture *fixture, int tail, int64_t since, int dropped,
                         const char *wanted)
{
    const struct log_query query = {.tail = tail, .has_since = since != 0, .since_seq = since};
    cJSON *result = log_tail(fixture->log, &query);
    assert_int_equal(cJSON_GetObjectItem(result, "dropped")->valueint, dropped);
    char *texts = fixture_texts(result);
    assert_string_equal(texts, wanted);
    free(texts);
}

static void tails_and_what_came_since(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.buffer_lines = 4;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "0\n1\n2\n3\n4\n5\n6\n");
    assert_query(fixture, LOG_ALL_LINES, 0, 0, "3|4|5|6");
    assert_query(fixture, 2, 0, 0, "5|6");
    assert_query(fixture, 0, 0, 0, "");
    assert_query(fixture, LOG_ALL_LINES, FIXTURE_FIRST_SEQ + 4, 0, "5|6");
    assert_query(fixture, LOG_ALL_LINES, FIXTURE_FIRST_SEQ + 6, 0, "");
    assert_query(fixture, LOG_ALL_LINES, FIXTURE_FIRST_SEQ + 100, 0, "");
    assert_query(fixture, LOG_ALL_LINES, FIXTURE_FIRST_SEQ + 2, 0, "3|4|5|6");
    assert_query(fixture, LOG_ALL_LINES, FIXTURE_FIRST_SEQ, 2, "3|4|5|6");
    assert_query(fixture, 2, FIXTURE_FIRST_SEQ, 2, "3|4");
    assert_query(fixture, LOG_ALL_LINES, 1, 3, "3|4|5|6");
}

static void a_long_line_comes_in_parts_that_say_so(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    char *line = memory_new(200002, 1);
    memset(line, 'x', 200000);
    line[200000] = '\n';
    fixture_out(fixture, line);
    assert_file(fixture, "web.log", line);
    cJSON *tail = log_tail(fixture->log, &(struct log_query){.tail = LOG_ALL_LINES});
    const cJSON *lines = cJSON_GetObjectItem(tail, "lines");
    assert_int_equal(cJSON_GetArraySize(lines), 4);
    const char *last = cJSON_GetObjectItem(cJSON_GetArrayItem(lines, 3), "text")->valuestring;
    assert_non_null(strstr(last, "x [part 4 of a long line, its end]"));
    cJSON_Delete(tail);
    free(line);
}

static void format_text_puts_time_and_stream_before_each_line(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.text_format = true;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "o");
    fixture_err(fixture, "bad \xFF\r\n");
    fixture_out(fixture, "ne\n");
    fixture_out(fixture, "end");
    log_flush_partial(fixture->log, LOG_STDOUT, FIXTURE_NOW_MS + 1000);
    assert_file(fixture, "web.log",
                "2026-01-01T00:00:00.123Z stderr bad \xFF\r\n"
                "2026-01-01T00:00:00.123Z stdout one\n"
                "2026-01-01T00:00:01.123Z stdout end\n");
}

static void the_last_stderr_lines_of_a_start(void **state)
{
    struct fixture *fixture = *state;
    struct strings lines = {0};
    fixture_open(fixture, NULL);
    fixture_err(fixture, "of the start before\n");
    log_begin_start(fixture->log);
    for (int i = 0; i < 30; i++) {
        char *line = text_format("line %d\n", i);
        fixture_err(fixture, line);
        fixture_out(fixture, "not this\n");
        free(line);
    }
    log_stderr_tail(fixture->log, &lines);
    assert_int_equal(lines.count, 20);
    assert_string_equal(lines.items[0], "line 10");
    assert_string_equal(lines.items[19], "line 29");
    strings_finish(&lines);

    char *long_line = memory_new(10001, 1);
    memset(long_line, 'y', 9999);
    long_line[9999] = '\n';
    fixture_err(fixture, long_line);
    log_stderr_tail(fixture->log, &lines);
    assert_int_equal(lines.count, 1);
    assert_int_equal(strlen(lines.items[0]), LOG_STDERR_BYTES);
    strings_finish(&lines);
    log_begin_start(fixture->log);
    log_stderr_tail(fixture->log, &lines);
    assert_int_equal(lines.count, 0);
    free(long_line);
}

struct hearer {
    struct log *log;
    struct listener *listener;
    struct text heard;
    bool once;
};

static void hear(void *context, const struct log_line *line)
{
    struct hearer *hearer = context;
    assert_int_equal(strlen(line->text), line->length);
    text_printf(&hearer->heard, "%d:%s ", line->stream, line->text);
    if (hearer->once)
        log_unlisten(hearer->log, hearer->listener);
}

static void listeners_hear_every_line(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    struct hearer once = {.log = fixture->log, .once = true};
    struct hearer always = {.log = fixture->log};
    once.listener = log_listen(fixture->log, hear, &once);
    always.listener = log_listen(fixture->log, hear, &always);
    fixture_out(fixture, "a\n_\xFF_\n");
    fixture_err(fixture, "c\n");
    assert_string_equal(text_get(&once.heard), "1:a ");
    assert_string_equal(text_get(&always.heard), "1:a 1:_\xEF\xBF\xBD_ 2:c ");
    log_unlisten(fixture->log, always.listener);
    fixture_out(fixture, "d\n");
    assert_string_equal(text_get(&always.heard), "1:a 1:_\xEF\xBF\xBD_ 2:c ");
    text_finish(&once.heard);
    text_finish(&always.heard);
}

static struct redactor *make_redactor(void)
{
    struct strings secrets = {0};
    struct error error = {0};
    struct redactor *redactor = NULL;
    strings_add(&secrets, "the-secret-value");
    const struct redactor_options options = {.secrets = &secrets, .url_passwords = true};
    assert_int_equal(redactor_create(&options, &redactor, &error), 0);
    strings_finish(&secrets);
    return redactor;
}

static void a_secret_is_kept_nowhere_however_it_is_cut(void **state)
{
    struct fixture *fixture = *state;
    struct redactor *redactor = make_redactor();
    fixture_open(fixture, redactor);
    struct hearer hearer = {.log = fixture->log};
    log_listen(fixture->log, hear, &hearer);
    fixture_err(fixture, "a the-sec");
    fixture_err(fixture, "ret-value b\r\nsame\xFF\n");
    fixture_err(fixture, "mongodb://u:pw@h");
    log_flush_partial(fixture->log, LOG_STDERR, FIXTURE_NOW_MS);
    assert_file(fixture, "web.log", "a [redacted] b\r\nsame\xFF\nmongodb://u:[redacted]@h");
    assert_tail(fixture, "a [redacted] b|same\xEF\xBF\xBD|mongodb://u:[redacted]@h");
    assert_string_equal(text_get(&hearer.heard),
                        "2:a [redacted] b 2:same\xEF\xBF\xBD 2:mongodb://u:[redacted]@h ");
    struct strings lines = {0};
    log_stderr_tail(fixture->log, &lines);
    assert_string_equal(lines.items[0], "a [redacted] b");
    strings_finish(&lines);
    text_finish(&hearer.heard);
    fixture_close(fixture);
    redactor_destroy(redactor);
}

static void a_secret_across_the_parts_of_a_long_line_is_kept_nowhere(void **state)
{
    struct fixture *fixture = *state;
    struct redactor *redactor = make_redactor();
    fixture->plan.max_bytes = 1 << 30;
    fixture_open(fixture, redactor);
    size_t filler = 65480;
    char *line = memory_new(filler + 100, 1);
    for (size_t shift = 0; shift < 60; shift++) {
        memset(line, '.', filler);
        strcpy(line + filler - shift,
               "the-secret-value....................................................\n");
        fixture_out(fixture, line);
    }
    char *content = fixture_read(fixture, "web.log");
    int found = 0;
    for (const char *at = content; (at = strstr(at, "[redacted]")); at++)
        found++;
    assert_int_equal(found, 60);
    assert_null(strstr(content, "the-"));
    assert_null(strstr(content, "-value"));
    free(content);
    free(line);
    fixture_close(fixture);
    redactor_destroy(redactor);
}

static void without_a_file_there_is_the_ring(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.file = false;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "a\n");
    log_begin_start(fixture->log);
    log_check(fixture->log);
    assert_tail(fixture, "a");
    assert_file(fixture, "web.log", NULL);
    assert_int_equal(log_bytes_lost(fixture->log), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_go_to_the_file_as_they_came),
        TEST(rows_have_what_the_specification_says),
        TEST(tails_and_what_came_since),
        TEST(a_long_line_comes_in_parts_that_say_so),
        TEST(format_text_puts_time_and_stream_before_each_line),
        TEST(the_last_stderr_lines_of_a_start),
        TEST(listeners_hear_every_line),
        TEST(a_secret_is_kept_nowhere_however_it_is_cut),
        TEST(a_secret_across_the_parts_of_a_long_line_is_kept_nowhere),
        TEST(without_a_file_there_is_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

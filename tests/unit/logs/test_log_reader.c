#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/file.h"
#include "files/folder.h"
#include "log_fixture.h"
#include "logs/log_reader.h"

static void write_file(const struct fixture *fixture, const char *name, const char *content)
{
    char *path = text_format("%s/%s", fixture->folder, name);
    assert_int_equal(folder_make(fixture->folder, true), 0);
    assert_int_equal(file_replace(path, content, strlen(content), false), 0);
    free(path);
}

static void assert_read(const struct fixture *fixture, int tail, const char *wanted)
{
    cJSON *result;
    struct error error = {0};
    assert_int_equal(logs_read_tail(fixture->folder, "web", tail, &result, &error), 0);
    char *texts = fixture_texts(result);
    assert_string_equal(texts, wanted);
    free(texts);
}

static void the_newest_lines_come_from_as_many_files_as_it_takes(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "web.log.2", "1\n2\n");
    write_file(fixture, "web.log.1", "3\n4\n");
    write_file(fixture, "web.log", "5\n\n7");
    assert_read(fixture, 0, "");
    assert_read(fixture, 1, "7");
    assert_read(fixture, 2, "|7");
    assert_read(fixture, 3, "5||7");
    assert_read(fixture, 4, "4|5||7");
    assert_read(fixture, 5, "3|4|5||7");
    assert_read(fixture, 6, "2|3|4|5||7");
    assert_read(fixture, LOG_ALL_LINES, "1|2|3|4|5||7");
    write_file(fixture, "web.log", "");
    assert_read(fixture, 1, "4");
}

static void long_files_are_read_from_their_end(void **state)
{
    struct fixture *fixture = *state;
    struct text content = {0};
    struct text wanted = {0};
    for (int i = 0; i < 40000; i++) {
        text_printf(&content, "line %d\n", i);
        if (i >= 40000 - 9000)
            text_printf(&wanted, "%sline %d", wanted.length ? "|" : "", i);
    }
    write_file(fixture, "web.log", text_get(&content));
    assert_read(fixture, 9000, text_get(&wanted));
    text_finish(&wanted);
    text_finish(&content);
}

static void stamped_lines_have_their_time_and_stream(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "web.log", "2026-01-01T00:00:00.123Z stderr bad \xFF\nplain\n");
    cJSON *result;
    struct error error = {0};
    assert_int_equal(logs_read_tail(fixture->folder, "web", 10, &result, &error), 0);
    char *printed = cJSON_PrintUnformatted(result);
    assert_string_equal(printed,
                        "{\"lines\":[{\"seq\":null,\"ts_ms\":1767225600123,\"stream\":\"stderr\",\"text\":"
                        "\"bad \xEF\xBF\xBD\"},{\"seq\":null,\"ts_ms\":null,\"stream\":null,\"text\":"
                        "\"plain\"}],\"dropped\":0}");
    free(printed);
    cJSON_Delete(result);
}

static void a_log_that_is_not_there_is_named(void **state)
{
    struct fixture *fixture = *state;
    cJSON *result;
    struct error error = {0};
    assert_int_equal(logs_read_tail(fixture->folder, "web", 10, &result, &error), ERROR_MISSING_PATH);
    assert_null(result);
    assert_non_null(strstr(error.message, "/logs/web.log"));
    error_finish(&error);
}

static void logs_are_listed_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct strings names = {0};
    logs_list(fixture->folder, &names);
    assert_int_equal(names.count, 0);
    write_file(fixture, "web.log", "");
    write_file(fixture, "web.log.1", "");
    write_file(fixture, "backend.log", "");
    write_file(fixture, ".log", "");
    logs_list(fixture->folder, &names);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "backend");
    assert_string_equal(names.items[1], "web");
    strings_finish(&names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_lines_come_from_as_many_files_as_it_takes),
        TEST(long_files_are_read_from_their_end),
        TEST(stamped_lines_have_their_time_and_stream),
        TEST(a_log_that_is_not_there_is_named),
        TEST(logs_are_listed_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

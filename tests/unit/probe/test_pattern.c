#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "loop_run.h"
#include "probe/duration_text.h"
#include "probe/escape_strip.h"
#include "probe/pattern.h"

static bool matches(const char *source, const char *data)
{
    struct pattern *pattern = pattern_create(source, NULL);
    assert_non_null(pattern);
    bool found = pattern_matches(pattern, data, strlen(data));
    pattern_destroy(pattern);
    return found;
}

static void a_pattern_is_looked_for_anywhere(void **state)
{
    assert_true(matches("listening on (.*):([0-9]+)", "INFO  listening on 127.0.0.1:3000 now"));
    assert_false(matches("^listening", "INFO listening"));
    assert_true(matches("(?i)READY", "it is ready"));
    assert_true(matches("^gr.n$", "gr\xC3\xBCn"));
    assert_true(matches("", ""));
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    assert_true(matches("ready", "\xff\xfe\xc3 ready \x80"));
    assert_false(matches("ready", "\xff\xfe"));
}

static void a_source_that_is_no_pattern_says_why(void **state)
{
    char *reason = NULL;
    assert_null(pattern_create("a(b", &reason));
    assert_non_null(strstr(reason, "offset 3"));
    free(reason);
    assert_null(pattern_create("*", NULL));
}

static void a_pattern_that_runs_away_is_given_up(void **state)
{
    char line[4096];
    memset(line, 'a', sizeof(line));
    struct pattern *pattern = pattern_create("^(a+)+$|(a|aa)+b", NULL);
    line[sizeof(line) - 1] = '!';
    double before = now_in_ms();
    assert_false(pattern_matches(pattern, line, sizeof(line)));
    assert_true(now_in_ms() - before < 500);
    pattern_destroy(pattern);
}

static void expect_stripped(const char *data, const char *wanted)
{
    char out[200];
    size_t length = escape_strip(data, strlen(data), out);
    assert_int_equal(length, strlen(wanted));
    assert_memory_equal(out, wanted, length);
}

static void escape_sequences_are_removed(void **state)
{
    expect_stripped("plain", "plain");
    expect_stripped("\x1b[32mready\x1b[0m in 3 s", "ready in 3 s");
    expect_stripped("\x1b[1;38;5;208mre\x1b[0mady", "ready");
    expect_stripped("\x1b]0;a title\x07ready", "ready");
    expect_stripped("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link");
    expect_stripped("\x1b(Bready\x1b"
                    "7\x1b=",
                    "ready");
    expect_stripped("gr\xC3\xBCn\x1b[K", "gr\xC3\xBCn");
}

static void what_the_end_cuts_off_is_removed_as_well(void **state)
{
    expect_stripped("a\x1b", "a");
    expect_stripped("a\x1b[", "a");
    expect_stripped("a\x1b[31;", "a");
    expect_stripped("a\x1b]0;title", "a");
    expect_stripped("a\x1b(", "a");
    expect_stripped("\x1b\x1b[1mb", "b");
}

static void it_can_be_done_in_place(void **state)
{
    char line[] = "\x1b[32mok\x1b[0m";
    assert_int_equal(escape_strip(line, strlen(line), line), 2);
    assert_memory_equal(line, "ok", 2);
}

static void a_duration_reads_as_a_person_says_it(void **state)
{
    const struct {
        int64_t milliseconds;
        const char *wanted;
    } cases[] = {{0, "0 ms"},     {250, "250 ms"}, {2000, "2 s"},
                 {1500, "1.5 s"}, {2010, "2 s"},   {35400, "35 s"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = duration_text(cases[i].milliseconds);
        assert_string_equal(text, cases[i].wanted);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_looked_for_anywhere),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(a_source_that_is_no_pattern_says_why),
        cmocka_unit_test(a_pattern_that_runs_away_is_given_up),
        cmocka_unit_test(escape_sequences_are_removed),
        cmocka_unit_test(what_the_end_cuts_off_is_removed_as_well),
        cmocka_unit_test(it_can_be_done_in_place),
        cmocka_unit_test(a_duration_reads_as_a_person_says_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

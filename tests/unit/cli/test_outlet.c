#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/text.h"
#include "cli/outlet.h"

static char *read_all(int fd)
{
    struct text text = {0};
    char bytes[65536];
    for (ssize_t got; (got = read(fd, bytes, sizeof(bytes))) > 0;)
        text_append_bytes(&text, bytes, (size_t)got);
    close(fd);
    return text_take(&text);
}

static void test_everything_arrives_in_order(void **state)
{
    char path[] = "/tmp/sidecard-test-XXXXXX";
    int fd = mkstemp(path);
    struct outlet *outlet = outlet_create(fd);
    struct text expected = {0};
    for (int i = 0; i < 5000; i++) {
        char line[16];
        int length = snprintf(line, sizeof(line), "%d\n", i);
        outlet_write(outlet, line, (size_t)length);
        text_append(&expected, line);
    }
    outlet_destroy(outlet);
    lseek(fd, 0, SEEK_SET);
    char *got = read_all(fd);
    assert_string_equal(got, expected.data);
    free(got);
    text_finish(&expected);
    unlink(path);
}

/* Nobody reads: writing goes on at once, lines are dropped, and that is said when reading begins. */
static void test_a_pipe_that_nobody_reads(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct outlet *outlet = outlet_create(ends[1]);
    char line[1000];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    uint64_t longest = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t before = uv_hrtime();
        outlet_write(outlet, line, sizeof(line));
        uint64_t took = uv_hrtime() - before;
        longest = took > longest ? took : longest;
    }
    assert_true(longest < 100 * 1000 * 1000);
    char bytes[65536];
    size_t seen = 0;
    struct pollfd waiting = {.fd = ends[0], .events = POLLIN};
    while (poll(&waiting, 1, 200) == 1) {
        ssize_t got = read(ends[0], bytes, sizeof(bytes));
        assert_true(got > 0);
        seen += (size_t)got;
    }
    assert_true(seen > 1024 * 1024 - sizeof(line));
    assert_true(seen < 2 * 1024 * 1024);
    outlet_write(outlet, "after\n", 6);
    outlet_destroy(outlet);
    close(ends[1]);
    char *rest = read_all(ends[0]);
    assert_non_null(strstr(rest, "after\n"));
    free(rest);
}

static void test_a_reader_that_is_gone(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct outlet *outlet = outlet_create(ends[1]);
    for (int i = 0; i < 1000; i++)
        outlet_write(outlet, "x\n", 2);
    outlet_destroy(outlet);
    close(ends[1]);
}

static void test_same_place(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int copy = dup(ends[1]);
    int null = open("/dev/null", O_WRONLY);
    assert_true(outlet_same_place(ends[1], copy));
    assert_false(outlet_same_place(ends[1], null));
    close(ends[0]);
    close(ends[1]);
    close(copy);
    close(null);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_arrives_in_order),
        cmocka_unit_test(test_a_pipe_that_nobody_reads),
        cmocka_unit_test(test_a_reader_that_is_gone),
        cmocka_unit_test(test_same_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

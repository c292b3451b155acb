#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "control/shell_ends.h"

/* The test's own, to be put back: cmocka prints to them. */
static int kept[2];

static int setup(void **state)
{
    for (int fd = 0; fd < 2; fd++)
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    return 0;
}

static int teardown(void **state)
{
    for (int fd = 0; fd < 2; fd++) {
        dup2(kept[fd], fd);
        close(kept[fd]);
    }
    return 0;
}

static bool is_same(int a, int b)
{
    struct stat one, other;
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static void test_they_are_moved_away(void **state)
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    struct shell_ends ends;
    assert_int_equal(shell_ends_claim(&ends, 7, NULL), 0);
    char byte;
    ssize_t nothing = read(STDIN_FILENO, &byte, 1);
    bool at_stderr = is_same(STDOUT_FILENO, STDERR_FILENO);
    teardown(NULL);
    setup(NULL);
    assert_int_equal(nothing, 0);
    assert_true(at_stderr);
    assert_int_equal(ends.shell, 7);
    assert_true(is_same(ends.input, in[0]) && is_same(ends.output, out[1]));
    assert_true(ends.input > 2 && (fcntl(ends.input, F_GETFD) & FD_CLOEXEC));
    assert_true(ends.output > 2 && (fcntl(ends.output, F_GETFD) & FD_CLOEXEC));
    int all[] = {in[0], in[1], out[0], out[1], ends.input, ends.output};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        close(all[i]);
}

static void test_ends_of_the_wrong_direction_are_refused(void **state)
{
    int ends_of_pipe[2];
    assert_int_equal(pipe(ends_of_pipe), 0);
    struct shell_ends ends;
    dup2(ends_of_pipe[1], STDIN_FILENO);
    int wrong_input = shell_ends_claim(&ends, 0, NULL);
    dup2(kept[0], STDIN_FILENO);
    dup2(ends_of_pipe[0], STDOUT_FILENO);
    int wrong_output = shell_ends_claim(&ends, 0, NULL);
    dup2(kept[1], STDOUT_FILENO);
    assert_int_equal(wrong_input, ERROR_SYSTEM);
    assert_int_equal(wrong_output, ERROR_SYSTEM);
    close(ends_of_pipe[0]);
    close(ends_of_pipe[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_they_are_moved_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ends_of_the_wrong_direction_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

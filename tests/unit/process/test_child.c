/* One child by itself: how it starts, what it says, how it ends. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

static int set_up(void **state)
{
    static struct stage stage;
    stage_init(&stage);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    stage_finish(*state);
    return 0;
}

static void it_starts_in_order(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "report", NULL);
    stage_await_gone(stage);
    const char *report = text_get(&stage->output);
    assert_non_null(strstr(report, "descriptors 0 1 2;"));
    assert_non_null(strstr(report, "stdin null;"));
    assert_non_null(strstr(report, "signals 0;"));
    assert_non_null(strstr(report, "leader 1;"));
    assert_non_null(strstr(report, "death 9;"));
    assert_non_null(strstr(report, "folder /\n"));
    assert_int_equal(stage->code, 0);
    assert_int_equal(stage->ends, 2);
}

static void both_streams_and_the_code_come(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "say", "out", "complain", "err", "mumble", "no end", "exit", "3", NULL);
    stage_await_gone(stage);
    assert_string_equal(text_get(&stage->output), "out\nno end");
    assert_string_equal(text_get(&stage->errors), "err\n");
    assert_int_equal(stage->code, 3);
    assert_int_equal(stage->signal, 0);
    assert_int_equal(stage->exited, 1);
    assert_int_equal(stage->gone, 1);
}

static void a_signal_is_told(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "crash", NULL);
    stage_await_gone(stage);
    assert_int_equal(stage->code, -1);
    assert_int_equal(stage->signal, SIGSEGV);
}

static void all_output_comes_before_the_end(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "flood", "60000", NULL);
    stage_await_exited(stage);
    assert_int_equal(stage->output_at_exit, 60000);
    stage_await_gone(stage);
}

static void a_flood_is_taken_whole(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "flood", "20000000", "say", "the end", NULL);
    stage_await_exited(stage);
    assert_int_equal(stage->output_at_exit, 20000000 + strlen("the end\n"));
    stage_await_gone(stage);
}

static void closed_streams_are_no_end(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "pid", "close", "linger", NULL);
    stage_await_output(stage, "pid ");
    while (stage->ends < 2)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(stage->exited, 0);
    assert_true(is_alive(child_pid(stage->child)));
    child_stop(stage->child, SIGTERM, false);
    stage_await_gone(stage);
    assert_int_equal(stage->signal, SIGTERM);
}

static void a_held_stdin_ends_when_it_is_closed(void **state)
{
    struct stage *stage = *state;
    struct strings arguments = {0}, environment = {0};
    struct error error = {0};
    strings_add(&arguments, "/bin/sh");
    strings_add(&arguments, "-c");
    strings_add(&arguments, "read line || exit 5");
    strings_add(&environment, "A=b");
    struct child *child = NULL;
    struct child_options options = {
        .arguments = &arguments, .environment = &environment, .hold_stdin = true, .mark = "A=b"};
    assert_int_equal(child_start(stage->reaper, &options, &child, &error), 0);
    child_close_stdin(child);
    child_close_stdin(child);
    child_clear(child, SIGTERM);
    while (!child_gone(child))
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_true(child_ended(child));
    child_destroy(child);
    strings_finish(&arguments);
    strings_finish(&environment);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (is_open(fd))
            count++;
    return count;
}

static int start_program(struct stage *stage, const char *program, const char *path, const char *folder,
                         struct error *error)
{
    struct strings arguments = {0}, environment = {0};
    struct child *child = NULL;
    strings_add(&arguments, program);
    strings_add(&environment, path);
    struct child_options options = {
        .arguments = &arguments, .environment = &environment, .folder = folder, .mark = "X=y"};
    int before = count_descriptors();
    int result = child_start(stage->reaper, &options, &child, error);
    if (result == 0) {
        child_kill(child);
        while (!child_gone(child))
            uv_run(&stage->loop, UV_RUN_ONCE);
        child_destroy(child);
    }
    assert_int_equal(count_descriptors(), before);
    strings_finish(&arguments);
    strings_finish(&environment);
    return result;
}

static void programs_are_looked_for_in_its_own_path(void **state)
{
    struct stage *stage = *state;
    struct error error = {0};
    assert_int_equal(start_program(stage, "true", "PATH=/nowhere:/bin:/usr/bin", NULL, &error), 0);
    assert_int_equal(start_program(stage, "true", "PATH=/nowhere", NULL, &error), ERROR_BINARY_NOT_FOUND);
    assert_non_null(strstr(error.message, "true"));
    assert_int_equal(start_program(stage, "true", "NOPATH=/bin", NULL, &error), ERROR_BINARY_NOT_FOUND);
    assert_int_equal(start_program(stage, "/nowhere/true", "PATH=/bin", NULL, &error),
                     ERROR_BINARY_NOT_FOUND);
    assert_int_equal(start_program(stage, "true", "PATH=/bin:/usr/bin", "/nowhere", &error),
                     ERROR_MISSING_PATH);
    error_finish(&error);
}

/* Two descriptors for its streams each and one for its input, one for its handle, and three more in the
 * child. */
#define ENOUGH 8

static void without_descriptors_nothing_leaks(void **state)
{
    struct stage *stage = *state;
    struct rlimit before;
    int fillers[1024];
    getrlimit(RLIMIT_NOFILE, &before);
    for (int spare = 0; spare <= ENOUGH; spare++) {
        struct error error = {0};
        int count = 0;
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = 200, .rlim_max = before.rlim_max});
        while ((fillers[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
            count++;
        for (int i = 0; i < spare; i++)
            close(fillers[--count]);
        int result = start_program(stage, "/bin/true", "PATH=/bin", NULL, &error);
        setrlimit(RLIMIT_NOFILE, &before);
        while (count > 0)
            close(fillers[--count]);
        assert_int_equal(result, spare < ENOUGH ? ERROR_SYSTEM : 0);
        if (result != 0)
            assert_non_null(strstr(error.message, strerror(EMFILE)));
        error_finish(&error);
    }
}

static void destroyed_while_it_runs_it_is_killed(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "ignore-term", "fork", "pid", "parent", "pid", "linger", NULL);
    stage_await_output(stage, "pid ");
    while (!strstr(strstr(text_get(&stage->output), "pid ") + 1, "pid "))
        uv_run(&stage->loop, UV_RUN_ONCE);
    pid_t first = stage_pid(stage, 0), second = stage_pid(stage, 1);
    child_destroy(stage->child);
    stage->child = NULL;
    while (is_alive(first) || is_alive(second))
        stage_pass(stage, 1);
    assert_int_equal(stage->exited, 0);
    assert_int_equal(stage->gone, 0);
}

static void to_destroy_nothing_is_nothing(void **state)
{
    child_destroy(NULL);
    reaper_destroy(NULL);
}

#define CHILD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHILD_TEST(it_starts_in_order),
        CHILD_TEST(both_streams_and_the_code_come),
        CHILD_TEST(a_signal_is_told),
        CHILD_TEST(all_output_comes_before_the_end),
        CHILD_TEST(a_flood_is_taken_whole),
        CHILD_TEST(closed_streams_are_no_end),
        CHILD_TEST(a_held_stdin_ends_when_it_is_closed),
        CHILD_TEST(programs_are_looked_for_in_its_own_path),
        CHILD_TEST(without_descriptors_nothing_leaks),
        CHILD_TEST(destroyed_while_it_runs_it_is_killed),
        CHILD_TEST(to_destroy_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

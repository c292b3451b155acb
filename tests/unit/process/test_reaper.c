/* Many children, adopted orphans, and what dies with the process that started it. */
#include "stage.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "platform/process_table.h"

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

static void orphans_do_not_stay_zombies(void **state)
{
    struct stage *stage = *state;
    stage->clear_at_exit = false;
    stage_start(stage, "daemon", "pid", "exit", "0", "parent", "daemon", "pid", "exit", "0", "parent", "say",
                "done", "linger", NULL);
    stage_await_output(stage, "done\n");
    while (is_alive(stage_pid(stage, 0)) || is_alive(stage_pid(stage, 1)))
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(stage->exited, 0);
    child_kill(stage->child);
    stage_await_gone(stage);
}

#define CROWD 60

struct crowd {
    struct child *children[CROWD];
    struct reaper *reaper;
    int exited;
    int gone;
    bool again; /* each that is gone is started once more */
};

struct one {
    struct crowd *crowd;
    size_t index;
    int starts;
};

static struct one ones[CROWD];

static void start_one(struct one *one, const char *script);

static void on_one_exited(void *context, int code, int signal)
{
    struct one *one = context;
    one->crowd->exited++;
    child_clear(one->crowd->children[one->index], SIGTERM);
}

static void on_one_gone(void *context)
{
    struct one *one = context;
    child_destroy(one->crowd->children[one->index]);
    one->crowd->children[one->index] = NULL;
    one->crowd->gone++;
    if (one->crowd->again && one->starts < 3)
        start_one(one, "exit 0");
}

static void start_one(struct one *one, const char *script)
{
    struct strings arguments = {0}, environment = {0};
    struct error error = {0};
    strings_add(&arguments, "/bin/sh");
    strings_add(&arguments, "-c");
    strings_add(&arguments, script);
    strings_add(&environment, "PATH=/bin:/usr/bin");
    char *mark = text_format("SIDECARD_NAME=one%zu", one->index);
    strings_add(&environment, mark);
    struct child_options options = {
        .arguments = &arguments,
        .environment = &environment,
        .mark = mark,
        .listener = {.context = one, .exited = on_one_exited, .gone = on_one_gone}};
    one->starts++;
    assert_int_equal(child_start(one->crowd->reaper, &options, &one->crowd->children[one->index], &error), 0);
    free(mark);
    strings_finish(&arguments);
    strings_finish(&environment);
}

static void start_crowd(struct stage *stage, struct crowd *crowd, const char *script)
{
    crowd->reaper = stage->reaper;
    for (size_t i = 0; i < CROWD; i++) {
        ones[i] = (struct one){.crowd = crowd, .index = i};
        start_one(&ones[i], script);
    }
}

static void a_crowd_ends_and_each_is_told_once(void **state)
{
    struct stage *stage = *state;
    struct crowd crowd = {0};
    start_crowd(stage, &crowd, "sleep 1000 & sleep 1000");
    for (size_t i = 0; i < CROWD; i++)
        child_stop(crowd.children[i], SIGTERM, false);
    while (crowd.gone < CROWD)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(crowd.exited, CROWD);
    struct pid_list left = {0};
    process_children(getpid(), &left);
    assert_int_equal(left.count, 0);
    pid_list_finish(&left);
}

static void one_may_be_started_where_another_is_gone(void **state)
{
    struct stage *stage = *state;
    struct crowd crowd = {.again = true};
    start_crowd(stage, &crowd, "exit 0");
    while (crowd.gone < 3 * CROWD)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(crowd.exited, 3 * CROWD);
}

static void on_any_gone_destroy_all(void *context)
{
    struct one *one = context;
    one->crowd->gone++;
    for (size_t i = 0; i < CROWD; i++) {
        child_destroy(one->crowd->children[i]);
        one->crowd->children[i] = NULL;
    }
}

static void the_first_that_is_gone_may_take_all_others_along(void **state)
{
    struct stage *stage = *state;
    struct crowd crowd = {.reaper = stage->reaper};
    struct strings arguments = {0}, environment = {0};
    struct error error = {0};
    strings_add(&arguments, "/bin/sleep");
    strings_add(&arguments, "1000");
    strings_add(&environment, "A=b");
    for (size_t i = 0; i < CROWD; i++) {
        ones[i] = (struct one){.crowd = &crowd, .index = i};
        struct child_options options = {.arguments = &arguments,
                                        .environment = &environment,
                                        .listener = {.context = &ones[i], .gone = on_any_gone_destroy_all}};
        assert_int_equal(child_start(stage->reaper, &options, &crowd.children[i], &error), 0);
    }
    for (size_t i = 0; i < CROWD; i++)
        child_stop(crowd.children[i], SIGTERM, false);
    while (crowd.gone == 0)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(crowd.gone, 1);
    strings_finish(&arguments);
    strings_finish(&environment);
}

/* The same process in miniature: starts a child, tells its pid, waits to be killed. */
static void supervise(int tell)
{
    struct stage stage;
    stage_init(&stage);
    stage_start(&stage, "ignore-term", "pid", "linger", NULL);
    stage_await_output(&stage, "\n");
    pid_t pid = stage_pid(&stage, 0);
    if (write(tell, &pid, sizeof(pid)) != sizeof(pid))
        _exit(1);
    uv_run(&stage.loop, UV_RUN_DEFAULT);
    _exit(1);
}

static void a_child_dies_with_its_supervisor(void **state)
{
    int ends[2];
    pid_t child = 0;
    assert_int_equal(pipe(ends), 0);
    /* So that the grandchild becomes ours, and its end can be awaited instead of looked for. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t supervisor = fork();
    if (supervisor == 0)
        supervise(ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &child, sizeof(child)), sizeof(child));
    close(ends[0]);
    kill(supervisor, SIGKILL);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    int status;
    alarm(20);
    assert_int_equal(waitpid(child, &status, 0), child);
    alarm(0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

#define REAPER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_dies_with_its_supervisor),
        REAPER_TEST(orphans_do_not_stay_zombies),
        REAPER_TEST(a_crowd_ends_and_each_is_told_once),
        REAPER_TEST(one_may_be_started_where_another_is_gone),
        REAPER_TEST(the_first_that_is_gone_may_take_all_others_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

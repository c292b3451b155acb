/* What a child leaves behind and what descends from it: nothing of it outlives a stop. */
#include "stage.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
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

static int count(const char *text, const char *word)
{
    int found = 0;
    while ((text = strstr(text, word)) != NULL) {
        found++;
        text += strlen(word);
    }
    return found;
}

static void await_pids(struct stage *stage, int wanted)
{
    stage_await_output(stage, "pid ");
    while (count(text_get(&stage->output), "pid ") < wanted)
        uv_run(&stage->loop, UV_RUN_ONCE);
}

static void a_stop_ends_the_group(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "fork", "pid", "parent", "fork", "pid", "parent", "pid", "linger", NULL);
    await_pids(stage, 3);
    child_stop(stage->child, SIGTERM, false);
    stage_await_gone(stage);
    for (int i = 0; i < 3; i++)
        assert_false(is_alive(stage_pid(stage, i)));
    assert_int_equal(stage->signal, SIGTERM);
}

static void the_signal_comes_once_to_each(void **state)
{
    struct stage *stage = *state;
    stage->clear_at_exit = false;
    stage_start(stage, "count-term", "fork", "pid", "parent", "pid", "linger", NULL);
    await_pids(stage, 2);
    child_stop(stage->child, SIGTERM, false);
    child_stop(stage->child, SIGTERM, false);
    child_clear(stage->child, SIGTERM);
    while (count(text_get(&stage->output), "term\n") < 2)
        uv_run(&stage->loop, UV_RUN_ONCE);
    kill(child_pid(stage->child), SIGKILL);
    stage_await_exited(stage);
    /* It had the signal with its group, and is not asked again because the child has ended. */
    stage_pass(stage, 50);
    assert_int_equal(count(text_get(&stage->output), "term\n"), 2);
    assert_int_equal(stage->gone, 0);
    child_kill(stage->child);
    stage_await_gone(stage);
}

static void only_the_child_may_be_asked_and_then_the_rest(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "fork", "count-term", "pid", "parent", "pid", "linger", NULL);
    await_pids(stage, 2);
    child_stop(stage->child, SIGTERM, true);
    stage_await_exited(stage);
    stage_await_output(stage, "term\n");
    stage_pass(stage, 30);
    assert_int_equal(count(text_get(&stage->output), "term\n"), 1);
    assert_int_equal(stage->gone, 0);
    child_kill(stage->child);
    stage_await_gone(stage);
}

static void what_ignores_the_signal_is_killed(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "ignore-term", "fork", "pid", "parent", "pid", "linger", NULL);
    await_pids(stage, 2);
    child_stop(stage->child, SIGTERM, false);
    stage_pass(stage, 50);
    assert_int_equal(stage->exited, 0);
    child_kill(stage->child);
    child_kill(stage->child);
    stage_await_gone(stage);
    assert_int_equal(stage->signal, SIGKILL);
    assert_false(is_alive(stage_pid(stage, 0)));
}

static void a_launcher_may_exit_before_its_workers(void **state)
{
    struct stage *stage = *state;
    stage->clear_at_exit = false;
    stage_start(stage, "fork", "pid", "parent", "fork", "pid", "parent", "exit", "0", NULL);
    await_pids(stage, 2);
    stage_await_exited(stage);
    stage_pass(stage, 30);
    assert_int_equal(stage->gone, 0);
    assert_true(is_alive(stage_pid(stage, 0)) && is_alive(stage_pid(stage, 1)));
    child_clear(stage->child, SIGTERM);
    stage_await_gone(stage);
    assert_false(is_alive(stage_pid(stage, 0)) || is_alive(stage_pid(stage, 1)));
}

static void workers_that_left_its_session_are_of_its_tree(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "fork", "setsid", "pid", "parent", "daemon", "pid", "parent", "pid", "linger", NULL);
    await_pids(stage, 3);
    struct pid_list tree = {0};
    child_tree(stage->child, &tree);
    for (int i = 0; i < 3; i++)
        assert_true(pid_list_contains(&tree, stage_pid(stage, i)));
    assert_int_equal(tree.count, 3);
    pid_list_finish(&tree);
    child_stop(stage->child, SIGTERM, false);
    stage_await_gone(stage);
    for (int i = 0; i < 3; i++)
        assert_false(is_alive(stage_pid(stage, i)));
}

static void daemons_of_a_launcher_that_is_gone_are_found(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "daemon", "ignore-term", "pid", "parent", "exit", "0", NULL);
    await_pids(stage, 1);
    stage_await_exited(stage);
    stage_pass(stage, 50);
    assert_int_equal(stage->gone, 0);
    assert_true(is_alive(stage_pid(stage, 0)));
    child_kill(stage->child);
    stage_await_gone(stage);
    assert_false(is_alive(stage_pid(stage, 0)));
}

static void what_was_seen_to_descend_is_not_forgotten(void **state)
{
    struct stage *stage = *state;
    /* The worker's child leaves session and environment behind; then the worker dies. */
    stage_start(stage, "fork", "fork", "setsid", "forget", "ignore-term", "pid", "linger", "parent", "linger",
                NULL);
    await_pids(stage, 1);
    child_stop(stage->child, SIGTERM, false);
    stage_await_exited(stage);
    stage_pass(stage, 50);
    assert_int_equal(stage->gone, 0);
    child_kill(stage->child);
    stage_await_gone(stage);
    assert_false(is_alive(stage_pid(stage, 0)));
}

static void what_nobody_can_know_is_killed_as_a_stray(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "daemon", "forget", "pid", "linger", "parent", "exit", "0", NULL);
    await_pids(stage, 1);
    stage_await_gone(stage);
    assert_true(is_alive(stage_pid(stage, 0)));
    assert_int_equal(reaper_kill_strays(stage->reaper, NULL), 1);
    while (is_alive(stage_pid(stage, 0)))
        stage_pass(stage, 1);
    assert_int_equal(reaper_kill_strays(stage->reaper, NULL), 0);
}

static void a_stopped_child_hears_the_signal(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "say", "up", "halt", "say", "again", "linger", NULL);
    stage_await_output(stage, "up\n");
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child_pid(stage->child), &info, WSTOPPED | WNOWAIT), 0);
    child_stop(stage->child, SIGTERM, false);
    stage_await_gone(stage);
    assert_int_equal(stage->signal, SIGTERM);
}

static void a_stopped_daemon_hears_the_signal(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "daemon", "pid", "halt", "linger", "parent", "exit", "0", NULL);
    stage_await_gone(stage);
    assert_false(is_alive(stage_pid(stage, 0)));
}

static void a_stopped_child_can_be_killed(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "ignore-term", "say", "up", "halt", "linger", NULL);
    stage_await_output(stage, "up\n");
    child_kill(stage->child);
    stage_await_gone(stage);
    assert_int_equal(stage->signal, SIGKILL);
}

static void it_can_be_killed_from_its_own_output(void **state)
{
    struct stage *stage = *state;
    stage->kill_at = "pid ";
    stage_start(stage, "fork", "setsid", "linger", "parent", "pid", "flood", "10000000", "linger", NULL);
    stage_await_gone(stage);
    assert_int_equal(stage->signal, SIGKILL);
}

static void one_that_is_gone_takes_no_orders(void **state)
{
    struct stage *stage = *state;
    stage->keep = true;
    stage_start(stage, "exit", "0", NULL);
    stage_await_gone(stage);
    child_stop(stage->child, SIGTERM, false);
    child_kill(stage->child);
    child_clear(stage->child, SIGTERM);
    assert_int_equal(stage->gone, 1);
}

static void a_writer_outside_of_the_tree_does_not_keep_it(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, "daemon", "forget", "pid", "linger", "parent", "exit", "0", NULL);
    stage_await_gone(stage);
    assert_int_equal(stage->ends, 2);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(a_stop_ends_the_group),
        TREE_TEST(the_signal_comes_once_to_each),
        TREE_TEST(only_the_child_may_be_asked_and_then_the_rest),
        TREE_TEST(what_ignores_the_signal_is_killed),
        TREE_TEST(a_launcher_may_exit_before_its_workers),
        TREE_TEST(workers_that_left_its_session_are_of_its_tree),
        TREE_TEST(daemons_of_a_launcher_that_is_gone_are_found),
        TREE_TEST(what_was_seen_to_descend_is_not_forgotten),
        TREE_TEST(what_nobody_can_know_is_killed_as_a_stray),
        TREE_TEST(a_stopped_child_hears_the_signal),
        TREE_TEST(a_stopped_daemon_hears_the_signal),
        TREE_TEST(a_stopped_child_can_be_killed),
        TREE_TEST(it_can_be_killed_from_its_own_output),
        TREE_TEST(one_that_is_gone_takes_no_orders),
        TREE_TEST(a_writer_outside_of_the_tree_does_not_keep_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

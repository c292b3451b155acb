#include <pthread.h>
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

#include "platform/process_handle.h"
#include "platform/process_table.h"

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static pid_t fork_lingering(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void we_know_ourselves(void **state)
{
    struct process_info info;
    assert_true(process_read(getpid(), &info));
    assert_int_equal(info.pid, getpid());
    assert_int_equal(info.parent, getppid());
    assert_int_equal(info.group, getpgrp());
    assert_int_equal(info.session, getsid(0));
    assert_string_equal(info.name, "test_process_ta");
    assert_true(info.start_time > 0);
    assert_true(process_resident_bytes(getpid()) > 100000);
    assert_true(process_open_files(getpid()) >= 3);
    assert_true(process_ticks_per_second() > 0);
    char *program = process_program(getpid());
    assert_string_equal(program, "test_process_ta");
    free(program);
}

static void what_is_not_there_is_not_read(void **state)
{
    struct process_info info;
    pid_t pid = fork_lingering();
    end(pid);
    assert_false(process_read(pid, &info));
    assert_null(process_program(pid));
    assert_int_equal(process_resident_bytes(pid), 0);
    assert_int_equal(process_open_files(pid), 0);
    assert_int_equal(process_has_variable(pid, "A=b"), PROCESS_NO);
    assert_int_equal(process_handle_open(pid, 1), -1);
}

static void a_name_may_hold_anything(void **state)
{
    static const char *const names[] = {") S 1 (", "a b) R 2", "((((", "))))", " "};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct process_info info;
        prctl(PR_SET_NAME, names[i]);
        assert_true(process_read(getpid(), &info));
        assert_string_equal(info.name, names[i]);
        assert_int_equal(info.parent, getppid());
    }
    prctl(PR_SET_NAME, "test_process_ta");
}

static void *fork_from_thread(void *result)
{
    *(pid_t *)result = fork_lingering();
    /* It stays a child of this process when the thread has ended. */
    return NULL;
}

static void children_of_every_thread_are_found(void **state)
{
    struct pid_list list = {0};
    pthread_t thread;
    pid_t second;
    pid_t first = fork_lingering();
    pthread_create(&thread, NULL, fork_from_thread, &second);
    pthread_join(thread, NULL);
    process_children(getpid(), &list);
    assert_int_equal(list.count, 2);
    assert_true(pid_list_contains(&list, first));
    assert_true(pid_list_contains(&list, second));
    pid_list_finish(&list);
    end(first);
    end(second);
}

static void descendants_are_found_once(void **state)
{
    struct pid_list list = {0};
    int ends[2];
    pid_t grandchild;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        pid_t deeper = fork_lingering();
        if (write(ends[1], &deeper, sizeof(deeper)) != sizeof(deeper))
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
    pid_list_add(&list, child);
    pid_list_add(&list, grandchild);
    process_add_descendants(&list);
    assert_int_equal(list.count, 2);
    list.count = 1;
    process_add_descendants(&list);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[1], grandchild);
    pid_list_finish(&list);
    kill(grandchild, SIGKILL);
    end(child);
    close(ends[0]);
    close(ends[1]);
}

static void await_program(pid_t pid, const char *name)
{
    struct process_info info;
    do
        assert_true(process_read(pid, &info));
    while (strcmp(info.name, name) != 0);
}

static void a_variable_is_matched_whole(void **state)
{
    char *large = malloc(100000);
    memset(large, 'x', 99999);
    memcpy(large, "LARGE=", 6);
    large[99999] = '\0';
    pid_t pid = fork();
    if (pid == 0) {
        char *arguments[] = {(char *)"sleep", (char *)"1000", NULL};
        char *environment[] = {large, (char *)"SIDECARD_NAME=web", (char *)"EMPTY=", NULL};
        execve("/bin/sleep", arguments, environment);
        _exit(1);
    }
    await_program(pid, "sleep");
    while (process_has_variable(pid, "EMPTY=") == PROCESS_NOT_YET)
        ;
    assert_int_equal(process_has_variable(pid, "SIDECARD_NAME=web"), PROCESS_YES);
    assert_int_equal(process_has_variable(pid, "EMPTY="), PROCESS_YES);
    assert_int_equal(process_has_variable(pid, large), PROCESS_YES);
    assert_int_equal(process_has_variable(pid, "SIDECARD_NAME=we"), PROCESS_NO);
    assert_int_equal(process_has_variable(pid, "SIDECARD_NAME=web2"), PROCESS_NO);
    assert_int_equal(process_has_variable(pid, "IDECARD_NAME=web"), PROCESS_NO);
    assert_int_equal(process_has_variable(pid, "SIDECARD_NAME"), PROCESS_NO);
    end(pid);
    free(large);
}

static void what_executes_itself_anew_is_never_taken_for_another(void **state)
{
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60); /* outlives exec: should the test fail, this must not spin for ever */
        char *environment[] = {(char *)"A=b", NULL};
        char *script = (char *)"exec sh -c \"$0\" \"$0\"";
        char *arguments[] = {(char *)"sh", (char *)"-c", script, script, NULL};
        execve("/bin/sh", arguments, environment);
        _exit(1);
    }
    while (process_has_variable(pid, "A=b") != PROCESS_YES)
        ;
    for (int i = 0; i < 20000; i++)
        assert_int_not_equal(process_has_variable(pid, "A=b"), PROCESS_NO);
    end(pid);
}

static void a_handle_is_for_one_process_alone(void **state)
{
    struct process_info info;
    pid_t pid = fork_lingering();
    assert_true(process_read(pid, &info));
    assert_int_equal(process_handle_open(pid, info.start_time + 1), -1);
    int handle = process_handle_open(pid, info.start_time);
    assert_true(handle >= 0);
    assert_int_equal(process_handle_signal(handle, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(process_handle_signal(handle, SIGKILL) < 0);
    process_handle_close(handle);
    process_handle_close(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_know_ourselves),
        cmocka_unit_test(what_is_not_there_is_not_read),
        cmocka_unit_test(a_name_may_hold_anything),
        cmocka_unit_test(children_of_every_thread_are_found),
        cmocka_unit_test(descendants_are_found_once),
        cmocka_unit_test(a_variable_is_matched_whole),
        cmocka_unit_test(what_executes_itself_anew_is_never_taken_for_another),
        cmocka_unit_test(a_handle_is_for_one_process_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

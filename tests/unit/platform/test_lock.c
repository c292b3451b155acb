#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "platform/lock.h"

static char folder[] = "/tmp/sidecard-lock-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/lock", folder);
    return 0;
}

static int tear_down(void **state)
{
    unlink(path);
    return rmdir(folder);
}

static void it_is_taken_once(void **state)
{
    struct error error = {0};
    struct stat info;
    pid_t holder = -1;
    int fd = lock_take(path, &holder, &error);
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(lock_take(path, &holder, &error), ERROR_REFUSED);
    assert_int_equal(holder, getpid());
    lock_release(fd);
    fd = lock_take(path, &holder, &error);
    assert_true(fd >= 0);
    lock_release(fd);
    lock_release(-1);
    error_finish(&error);
}

static void it_is_held_by_whoever_shares_the_open_file(void **state)
{
    struct error error = {0};
    pid_t holder;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    int fd = lock_take(path, &holder, &error);
    pid_t other = fork();
    if (other == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ends[0]);
    lock_release(fd);
    assert_int_equal(lock_take(path, &holder, &error), ERROR_REFUSED);
    assert_int_equal(holder, getpid());
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    fd = lock_take(path, &holder, &error);
    assert_true(fd >= 0);
    lock_release(fd);
    close(ends[1]);
    error_finish(&error);
}

static void what_a_dead_one_left_is_not_in_the_way(void **state)
{
    struct error error = {0};
    pid_t holder;
    FILE *file = fopen(path, "w");
    fputs("99999999999999\n and more than a pid", file);
    fclose(file);
    int fd = lock_take(path, &holder, &error);
    assert_true(fd >= 0);
    char text[64] = {0};
    assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
    assert_int_equal(strtol(text, NULL, 10), getpid());
    assert_int_equal(strlen(text), strcspn(text, "\n") + 1);
    lock_release(fd);
}

static void where_it_cannot_be_made_it_says_why(void **state)
{
    struct error error = {0};
    pid_t holder;
    assert_int_equal(lock_take("/nowhere/lock", &holder, &error), ERROR_SYSTEM);
    assert_int_equal(holder, 0);
    assert_non_null(strstr(error.message, "/nowhere/lock"));
    assert_int_equal(lock_take(folder, &holder, &error), ERROR_SYSTEM);
    error_finish(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_taken_once),
        cmocka_unit_test(it_is_held_by_whoever_shares_the_open_file),
        cmocka_unit_test(what_a_dead_one_left_is_not_in_the_way),
        cmocka_unit_test(where_it_cannot_be_made_it_says_why),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Each stage of a start that can fail, and what a program finds when it runs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "platform/process_handle.h"
#include "platform/reap.h"
#include "platform/spawn.h"

static char folder[] = "/tmp/sidecard-spawn-XXXXXX";
static int null_fd;

static int set_up(void **state)
{
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return mkdtemp(folder) && null_fd >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    close(null_fd);
    return rmdir(folder);
}

static char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static char *make_file(const char *name, const char *text, mode_t mode)
{
    char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    chmod(path, mode);
    return path;
}

static int start(const char *program, char *const *arguments, const char *in, int output,
                 struct spawned *spawned, struct error *error)
{
    char *none[] = {NULL};
    char *alone[] = {(char *)program, NULL};
    return spawn_process(&(struct spawn_options){.program = program,
                                                 .arguments = arguments ? arguments : alone,
                                                 .environment = none,
                                                 .folder = in,
                                                 .descriptors = {null_fd, output, output}},
                         spawned, error);
}

static void expect_failure(const char *program, const char *in, enum error_code code, const char *stage,
                           int number)
{
    struct spawned spawned = {.pid = -1, .handle = -1};
    struct error error = {0};
    assert_int_equal(start(program, NULL, in, null_fd, &spawned, &error), code);
    assert_int_equal(error.code, code);
    assert_non_null(strstr(error.message, stage));
    assert_non_null(strstr(error.message, strerror(number)));
    assert_int_equal(spawned.pid, -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    error_finish(&error);
}

static void a_missing_program_is_not_found(void **state)
{
    expect_failure("/nowhere/program", NULL, ERROR_BINARY_NOT_FOUND, "cannot execute its program", ENOENT);
    expect_failure("/bin/sh/program", NULL, ERROR_BINARY_NOT_FOUND, "cannot execute its program", ENOTDIR);
}

static void a_missing_interpreter_is_not_found(void **state)
{
    char *script = make_file("script", "#!/nowhere/interpreter\n", 0755);
    expect_failure(script, NULL, ERROR_BINARY_NOT_FOUND, "cannot execute its program", ENOENT);
    unlink(script);
}

static void what_may_not_be_executed_is_not_executable(void **state)
{
    char *script = make_file("script", "#!/bin/sh\n", 0644);
    expect_failure(script, NULL, ERROR_NOT_EXECUTABLE, "cannot execute its program", EACCES);
    unlink(script);
    expect_failure("/tmp", NULL, ERROR_NOT_EXECUTABLE, "cannot execute its program", EACCES);
}

static void what_is_no_program_is_not_executable(void **state)
{
    char *text = make_file("text", "just words\n", 0755);
    expect_failure(text, NULL, ERROR_NOT_EXECUTABLE, "cannot execute its program", ENOEXEC);
    unlink(text);
}

static void a_missing_folder_is_told_from_a_missing_program(void **state)
{
    expect_failure("/bin/true", "/nowhere", ERROR_MISSING_PATH, "cannot enter its working folder", ENOENT);
    expect_failure("/nowhere/program", "/nowhere", ERROR_MISSING_PATH, "cannot enter its working folder",
                   ENOENT);
    expect_failure("/bin/true", "/bin/true", ERROR_MISSING_PATH, "cannot enter its working folder", ENOTDIR);
}

static void a_bad_descriptor_is_told(void **state)
{
    struct spawned spawned;
    struct error error = {0};
    assert_int_equal(start("/bin/true", NULL, NULL, 999, &spawned, &error), ERROR_SYSTEM);
    assert_non_null(strstr(error.message, "cannot set up its descriptors"));
    error_finish(&error);
}

static void without_processes_it_says_so(void **state)
{
    struct rlimit before;
    struct error error = {0};
    struct spawned spawned;
    if (geteuid() == 0) {
        /* The limit does not bind root: in a child that is somebody else. */
        pid_t other = fork();
        if (other == 0) {
            struct rlimit none = {0, 0};
            if (setuid(65534) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0)
                _exit(2);
            int result = start("/bin/true", NULL, NULL, null_fd, &spawned, &error);
            _exit(result == ERROR_SYSTEM && strstr(error.message, "cannot make a process") ? 0 : 1);
        }
        int status;
        waitpid(other, &status, 0);
        assert_int_equal(status, 0);
        return;
    }
    getrlimit(RLIMIT_NPROC, &before);
    setrlimit(RLIMIT_NPROC, &(struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max});
    int result = start("/bin/true", NULL, NULL, null_fd, &spawned, &error);
    setrlimit(RLIMIT_NPROC, &before);
    assert_int_equal(result, ERROR_SYSTEM);
    error_finish(&error);
}

/* Runs a shell script to its end and gives what it wrote. */
static void run_script(const char *script, const char *in, char *output, size_t size)
{
    int ends[2];
    struct spawned spawned;
    struct error error = {0};
    char *arguments[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(start("/bin/sh", arguments, in, ends[1], &spawned, &error), 0);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; (got = read(ends[0], output + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    output[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(spawned.pid, NULL, 0), spawned.pid);
    process_handle_close(spawned.handle);
}

static void it_has_three_descriptors_and_no_others(void **state)
{
    char output[256];
    int inherited = open("/dev/null", O_RDONLY);
    run_script("for n in 0 1 2 3 4 5 6 7 8 9 10 11 12; do [ -e /proc/$$/fd/$n ] && echo $n; done; readlink "
               "/proc/$$/fd/0",
               NULL, output, sizeof(output));
    close(inherited);
    assert_string_equal(output, "0\n1\n2\n/dev/null\n");
}

/* In a child, so that our own descriptors need not be put back. */
static void descriptors_may_come_in_any_order(void **state)
{
    pid_t other = fork();
    if (other == 0) {
        int ends[2];
        struct spawned spawned;
        char *none[] = {NULL};
        char *arguments[] = {(char *)"sh", (char *)"-c", (char *)"cat; echo out; echo err >&2", NULL};
        char output[64] = "";
        if (pipe(ends) != 0 || dup2(ends[1], 0) != 0 || dup2(null_fd, 1) != 1)
            _exit(2);
        struct spawn_options options = {
            .program = "/bin/sh", .arguments = arguments, .environment = none, .descriptors = {1, 0, 0}};
        if (spawn_process(&options, &spawned, NULL) != 0)
            _exit(3);
        close(ends[1]);
        close(0);
        waitpid(spawned.pid, NULL, 0);
        if (read(ends[0], output, sizeof(output) - 1) < 0)
            _exit(4);
        _exit(strcmp(output, "out\nerr\n") == 0 ? 0 : 5);
    }
    int status;
    waitpid(other, &status, 0);
    assert_int_equal(status, 0);
}

static void it_leads_its_session_in_its_folder(void **state)
{
    char output[512];
    run_script("read pid name status parent group session rest </proc/$$/stat; "
               "[ $pid = $group ] && [ $pid = $session ] && echo leads; pwd",
               folder, output, sizeof(output));
    assert_memory_equal(output, "leads\n", 6);
    assert_non_null(strstr(output, folder));
}

static void its_signals_are_as_new(void **state)
{
    char output[512];
    sigset_t some, before;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    sigaddset(&some, SIGTERM);
    sigprocmask(SIG_BLOCK, &some, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    run_script(
        "while read name value; do case $name in SigBlk:|SigIgn:) echo $value;; esac; done </proc/$$/status",
        NULL, output, sizeof(output));
    sigset_t after;
    sigprocmask(SIG_SETMASK, &before, &after);
    assert_true(sigismember(&after, SIGUSR1) == 1);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    assert_string_equal(output, "0000000000000000\n0000000000000000\n");
}

static void its_soft_limit_of_descriptors_is_raised(void **state)
{
    char output[64];
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = 64, .rlim_max = before.rlim_max});
    run_script("ulimit -Sn", NULL, output, sizeof(output));
    struct rlimit after;
    getrlimit(RLIMIT_NOFILE, &after);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(after.rlim_cur, 64);
    rlim_t wanted = before.rlim_max < SPAWN_SOFT_DESCRIPTORS ? before.rlim_max : SPAWN_SOFT_DESCRIPTORS;
    assert_int_equal(strtol(output, NULL, 10), wanted);
}

static void its_handle_and_its_end_are_its_own(void **state)
{
    struct spawned spawned;
    struct error error = {0};
    struct ending ending;
    pid_t ended;
    char *arguments[] = {(char *)"sh", (char *)"-c", (char *)"sleep 1000 & sleep 1000", NULL};
    assert_false(reap_peek(&ended));
    assert_int_equal(start("/bin/sh", arguments, NULL, null_fd, &spawned, &error), 0);
    assert_false(reap_collect(spawned.pid, &ending));
    assert_int_equal(process_handle_signal(spawned.handle, 0), 0);
    assert_int_equal(process_handle_signal_group(spawned.handle, spawned.pid, SIGTERM), 0);
    siginfo_t info;
    waitid(P_PID, (id_t)spawned.pid, &info, WEXITED | WNOWAIT);
    assert_true(reap_peek(&ended));
    assert_int_equal(ended, spawned.pid);
    assert_true(reap_collect(spawned.pid, &ending));
    assert_int_equal(ending.code, -1);
    assert_int_equal(ending.signal, SIGTERM);
    assert_false(reap_collect(spawned.pid, &ending));
    assert_int_equal(process_handle_signal(spawned.handle, SIGTERM), -ESRCH);
    process_handle_close(spawned.handle);
}

static void it_is_soon_done(void **state)
{
    struct spawned spawned;
    struct error error = {0};
    for (int i = 0; i < 200; i++) {
        assert_int_equal(start("/bin/true", NULL, NULL, null_fd, &spawned, &error), 0);
        assert_int_equal(waitpid(spawned.pid, NULL, 0), spawned.pid);
        process_handle_close(spawned.handle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_program_is_not_found),
        cmocka_unit_test(a_missing_interpreter_is_not_found),
        cmocka_unit_test(what_may_not_be_executed_is_not_executable),
        cmocka_unit_test(what_is_no_program_is_not_executable),
        cmocka_unit_test(a_missing_folder_is_told_from_a_missing_program),
        cmocka_unit_test(a_bad_descriptor_is_told),
        cmocka_unit_test(without_processes_it_says_so),
        cmocka_unit_test(it_has_three_descriptors_and_no_others),
        cmocka_unit_test(descriptors_may_come_in_any_order),
        cmocka_unit_test(it_leads_its_session_in_its_folder),
        cmocka_unit_test(its_signals_are_as_new),
        cmocka_unit_test(its_soft_limit_of_descriptors_is_raised),
        cmocka_unit_test(its_handle_and_its_end_are_its_own),
        cmocka_unit_test(it_is_soon_done),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/*
 * A program that does as it is told, step by step, whatever a bad sidecar might do. Steps are its arguments:
 *
 *   say TEXT, mumble TEXT    a line to stdout; the same without its end
 *   complain TEXT            a line to stderr
 *   flood BYTES              so much to stdout
 *   pid                      says "pid N"
 *   report                   says what it found of how it was started
 *   ignore-term              SIGTERM does nothing
 *   count-term               each SIGTERM says "term"
 *   close                    closes descriptors 0 to 2
 *   setsid
 *   halt                     stops itself, as SIGSTOP does
 *   forget                   executes itself anew for the steps that follow, with an empty environment
 *   wait-input               until stdin is at its end
 *   fork STEPS parent        a child does the steps and then lingers; the parent goes on behind 'parent' once
 * the child has said its pid, lingers or has ended daemon STEPS parent      the same by double fork, in a
 * session of its own linger                   for good exit CODE, crash         (the end of the steps is exit
 * 0)
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

/* What a parent reads until its end, to know that its child is up; the same number through an execution. */
#define UP_FD 9

static void linger(void)
{
    close(UP_FD);
    for (;;)
        pause();
}

static void flood(long bytes)
{
    char line[128];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (long left = bytes; left > 0;) {
        ssize_t written = write(1, line, left < (long)sizeof(line) ? (size_t)left : sizeof(line));
        if (written <= 0)
            return;
        left -= written;
    }
}

static void report_descriptors(char *line, size_t size)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder))
            snprintf(line + strlen(line), size - strlen(line), " %s", entry->d_name);
    closedir(folder);
}

static int count_signals_set(void)
{
    sigset_t mask;
    int set = 0;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        if (sigismember(&mask, number) == 1)
            set++;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            set++;
    }
    return set;
}

static void report(void)
{
    char line[1024] = "descriptors";
    struct stat input, null;
    struct rlimit limit;
    int death_signal = 0;
    report_descriptors(line, sizeof(line));
    fstat(0, &input);
    stat("/dev/null", &null);
    getrlimit(RLIMIT_NOFILE, &limit);
    prctl(PR_GET_PDEATHSIG, &death_signal);
    snprintf(line + strlen(line), sizeof(line) - strlen(line),
             "; stdin %s; signals %d; leader %d; death %d; nofile %ld; folder ",
             input.st_rdev == null.st_rdev ? "null" : "other", count_signals_set(),
             getsid(0) == getpid() && getpgrp() == getpid(), death_signal, (long)limit.rlim_cur);
    char folder[512];
    put(1, line);
    put(1, getcwd(folder, sizeof(folder)) ? folder : "?");
    put(1, "\n");
}

static void say_term(int number)
{
    if (write(1, "term\n", 5) != 5)
        _exit(9);
}

static char **behind_parent(char **steps)
{
    while (*steps && strcmp(*steps, "parent") != 0)
        steps++;
    return *steps ? steps + 1 : steps;
}

/* Where the caller goes on: behind the step in the child, behind 'parent' in the parent. */
static char **split(char **steps, int twice)
{
    int up[2];
    char byte;
    if (pipe(up) != 0)
        _exit(9);
    pid_t middle = fork();
    if (middle < 0)
        _exit(9);
    if (middle > 0) {
        close(up[1]);
        if (twice)
            waitpid(middle, NULL, 0);
        while (read(up[0], &byte, 1) > 0)
            ;
        close(up[0]);
        return behind_parent(steps);
    }
    close(up[0]);
    dup2(up[1], UP_FD);
    close(up[1]);
    if (twice) {
        setsid();
        if (fork() != 0)
            _exit(0);
    }
    return steps;
}

static void forget(char **steps, char *self)
{
    char *nothing[] = {NULL};
    steps[-1] = self;
    execve("/proc/self/exe", steps - 1, nothing);
    _exit(9);
}

static void say_pid(void)
{
    char line[32];
    snprintf(line, sizeof(line), "pid %ld\n", (long)getpid());
    put(1, line);
    close(UP_FD);
}

/* Steps with an argument; true where it was one. */
static int do_with_argument(const char *step, const char *argument)
{
    if (strcmp(step, "say") == 0 || strcmp(step, "mumble") == 0) {
        put(1, argument);
        put(1, step[0] == 's' ? "\n" : "");
    } else if (strcmp(step, "complain") == 0) {
        put(2, argument);
        put(2, "\n");
    } else if (strcmp(step, "flood") == 0) {
        flood(atol(argument));
    } else if (strcmp(step, "exit") == 0) {
        _exit(atoi(argument));
    } else {
        return 0;
    }
    return 1;
}

static void do_alone(const char *step)
{
    char byte;
    if (strcmp(step, "pid") == 0)
        say_pid();
    else if (strcmp(step, "report") == 0)
        report();
    else if (strcmp(step, "ignore-term") == 0)
        signal(SIGTERM, SIG_IGN);
    else if (strcmp(step, "count-term") == 0)
        signal(SIGTERM, say_term);
    else if (strcmp(step, "close") == 0)
        close(0), close(1), close(2);
    else if (strcmp(step, "setsid") == 0)
        setsid();
    else if (strcmp(step, "halt") == 0)
        raise(SIGSTOP);
    else if (strcmp(step, "wait-input") == 0)
        while (read(0, &byte, 1) > 0)
            ;
    else if (strcmp(step, "linger") == 0 || strcmp(step, "parent") == 0)
        linger();
    else if (strcmp(step, "crash") == 0)
        raise(SIGSEGV);
    else
        _exit(8);
}

int main(int argc, char **argv)
{
    char **steps = argv + 1;
    while (*steps) {
        char *step = *steps++;
        if (strcmp(step, "fork") == 0 || strcmp(step, "daemon") == 0)
            steps = split(steps, step[0] == 'd');
        else if (strcmp(step, "forget") == 0)
            forget(steps, argv[0]);
        else if (*steps && do_with_argument(step, *steps))
            steps++;
        else
            do_alone(step);
    }
    return 0;
}

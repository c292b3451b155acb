/*
 * clone with CLONE_VM and CLONE_VFORK: the child borrows this process's memory until it executes, so that
 * nothing is copied, a hook runs before exec, and a failure is told by writing to a variable. CLONE_PIDFD
 * gives the handle from birth. What the child does until exec must be safe beside the stopped parent: system
 * calls on prepared values alone.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK (64 * 1024)

struct birth {
    const struct spawn_options *options;
    pid_t parent;
    enum spawn_stage stage;
    int failed; /* errno, 0 where the program runs */
};

/* What runs in the child never returns from its frames: a sanitizer's marks of them would stay behind on
 * memory of ours, for the next birth to stumble over. */
#define IN_CHILD __attribute__((no_sanitize("address", "thread")))

IN_CHILD static void reset_signals(void)
{
    struct sigaction standard;
    memset(&standard, 0, sizeof(standard));
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++)
        if (signal != SIGKILL && signal != SIGSTOP)
            sigaction(signal, &standard, NULL);
}

/* Each is moved above 2 first, so that none is overwritten before its turn. */
IN_CHILD static int set_descriptors(const int from[3])
{
    int high[3];
    for (int i = 0; i < 3; i++)
        if ((high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3)) < 0)
            return errno;
    for (int i = 0; i < 3; i++)
        if (dup2(high[i], i) < 0)
            return errno;
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0)
        return 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return errno;
    for (int fd = 3; (rlim_t)fd < limit.rlim_cur; fd++)
        close(fd);
    return 0;
}

IN_CHILD static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= SPAWN_SOFT_DESCRIPTORS)
        return;
    limit.rlim_cur = limit.rlim_max < SPAWN_SOFT_DESCRIPTORS ? limit.rlim_max : SPAWN_SOFT_DESCRIPTORS;
    /* A lower limit than hoped for is still a limit to run with. */
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

IN_CHILD static int prepare(struct birth *birth)
{
    birth->stage = SPAWN_SESSION;
    if (setsid() < 0)
        return errno;
    birth->stage = SPAWN_PARENT;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return errno;
    /* It may have died before the line above took effect. */
    if (getppid() != birth->parent)
        return ESRCH;
    birth->stage = SPAWN_DESCRIPTORS;
    reset_signals();
    int failed = set_descriptors(birth->options->descriptors);
    if (failed)
        return failed;
    raise_descriptor_limit();
    birth->stage = SPAWN_FOLDER;
    if (birth->options->folder && chdir(birth->options->folder) != 0)
        return errno;
    return 0;
}

IN_CHILD static int be_born(void *context)
{
    struct birth *birth = context;
    birth->failed = prepare(birth);
    if (birth->failed == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        birth->stage = SPAWN_PROGRAM;
        execve(birth->options->program, birth->options->arguments, birth->options->environment);
        birth->failed = errno;
    }
    _exit(127);
}

static const char *const stage_texts[] = {
#define SPAWN_STAGE_TEXT(name, text) [SPAWN_##name] = text,
    SPAWN_STAGE_LIST(SPAWN_STAGE_TEXT)
#undef SPAWN_STAGE_TEXT
};
_Static_assert(sizeof(stage_texts) / sizeof(stage_texts[0]) == SPAWN_STAGE_COUNT, "a stage without a text");

static int tell(const struct birth *birth, struct error *error)
{
    const char *text = stage_texts[birth->stage];
    const char *program = birth->options->program;
    if (birth->stage == SPAWN_FOLDER) {
        error_set_errno(error, ERROR_MISSING_PATH, birth->failed, "%s %s", text, birth->options->folder);
        error_remedy(error, "make the folder, or name another as 'cwd'");
        return ERROR_MISSING_PATH;
    }
    if (birth->stage != SPAWN_PROGRAM)
        return error_set_errno(error, ERROR_SYSTEM, birth->failed, "%s for %s", text, program);
    switch (birth->failed) {
    case ENOENT:
    case ENOTDIR:
        /* Also what a script gets whose interpreter is not there. */
        error_set_errno(error, ERROR_BINARY_NOT_FOUND, birth->failed, "%s %s", text, program);
        error_remedy(error, "see that the program, and the interpreter in its first line, are there");
        return ERROR_BINARY_NOT_FOUND;
    case EACCES:
    case ENOEXEC:
    case EPERM:
    case EISDIR:
    case ELIBBAD:
        error_set_errno(error, ERROR_NOT_EXECUTABLE, birth->failed, "%s %s", text, program);
        error_remedy(error, "see that it is a program for this system and has its execute permission");
        return ERROR_NOT_EXECUTABLE;
    default:
        return error_set_errno(error, ERROR_SYSTEM, birth->failed, "%s %s", text, program);
    }
}

int spawn_process(const struct spawn_options *options, struct spawned *spawned, struct error *error)
{
    struct birth birth = {.options = options, .parent = getpid(), .stage = SPAWN_PROCESS};
    void *stack =
        mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        birth.failed = errno;
        return tell(&birth, error);
    }
    /* No handler of ours may run in the child while it shares our memory. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    int handle = -1;
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    pid_t pid = clone(be_born, (char *)stack + CHILD_STACK, flags, &birth, &handle);
    if (pid < 0)
        birth.failed = errno;
    else if (birth.failed != 0)
        waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED);
    sigprocmask(SIG_SETMASK, &before, NULL);
    munmap(stack, CHILD_STACK);
    if (birth.failed != 0) {
        if (handle >= 0)
            close(handle);
        return tell(&birth, error);
    }
    *spawned = (struct spawned){.pid = pid, .handle = handle};
    return 0;
}

/*
 * One child from its start to the last process of its tree.
 *
 * Its tree is what descends from it, and what descended from it once: orphans are adopted by this process and
 * known again by their session, their group or the mark in their environment. The child has ended when its
 * own process has; its tree is gone when nothing of it is left, and only then is the struct of no further
 * use.
 *
 * Callbacks come from the loop or from within child_clear, child_stop and child_kill. Each of `exited` and
 * `gone` comes once, in this order. They may call any function on the child, and `gone` may destroy it.
 */
#ifndef SIDECARD_PROCESS_CHILD_H
#define SIDECARD_PROCESS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strings.h"
#include "platform/process_table.h"
#include "reaper.h"

struct child;

struct child_listener {
    void *context;
    /* What came on stream 1 (stdout) or 2 (stderr); length 0: the stream has ended. */
    void (*output)(void *context, int stream, const char *data, size_t length);
    /* Its own process has ended, and all that it had written was handed to output. code -1: by signal. */
    void (*exited)(void *context, int code, int signal);
    void (*gone)(void *context);
    /* A process of its tree ("sudo (pid 4711)") cannot be ended: it runs as another user. `gone` does not
     * wait for it. May be NULL. */
    void (*refused)(void *context, const char *process);
};

struct child_options {
    /* argv[0]: a path, or a name that is looked for in the environment's PATH */
    const struct strings *arguments;
    const struct strings *environment;
    const char *folder;
    bool hold_stdin;  /* an idle pipe instead of /dev/null */
    const char *mark; /* "NAME=value" of its environment that tells its tree from others */
    struct child_listener listener;
};

/* Starts it: 0 and *child, which the caller destroys; or what spawn_process says, and nothing runs. Borrows
 * options and what they point to for the call, and the mark as well. */
int child_start(struct reaper *reaper, const struct child_options *options, struct child **child,
                struct error *error);

pid_t child_pid(const struct child *child);

/* Whether its own process has ended, and whether its whole tree has. */
bool child_ended(const struct child *child);
bool child_gone(const struct child *child);

/* Asks it to end: signal once to its group (or to its own process alone), and to the rest of its tree when it
 * has ended. */
void child_stop(struct child *child, int signal, bool only_child);

/* The same without the first half: it is ending by other means, or has ended by itself. */
void child_clear(struct child *child, int signal);

/* Closes the pipe of a held stdin. */
void child_close_stdin(struct child *child);

/* SIGKILL to everything of its tree until nothing is left. */
void child_kill(struct child *child);

/* Adds every process of its tree to the list. */
void child_tree(struct child *child, struct pid_list *list);

/* Its tree must be gone, or never have been: a child that runs is killed and forgotten. */
void child_destroy(struct child *child);

#endif

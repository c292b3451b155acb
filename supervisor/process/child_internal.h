/* Inside of `process`: what child.c, output.c, tree.c and reaper.c share. */
#ifndef SIDECARD_PROCESS_CHILD_INTERNAL_H
#define SIDECARD_PROCESS_CHILD_INTERNAL_H

#include <uv.h>

#include "child.h"

/* One of a child's output pipes. */
struct output {
    struct child *child;
    int stream;
    int fd;          /* -1: closed */
    uv_poll_t *poll; /* freed by its close callback, which may come after the child is gone */
};

struct process_list {
    struct process_info *items;
    size_t count;
    size_t capacity;
};

enum ending_phase {
    PHASE_RUNNING,
    PHASE_STOPPING, /* asked to end; the rest of the tree is asked once it has */
    PHASE_CLEARING, /* the whole tree has been asked */
    PHASE_KILLING
};

struct child {
    struct reaper *reaper;
    struct child *previous, *next;
    struct child_listener listener;
    char *mark;
    pid_t pid;
    int handle;
    int stdin_fd; /* the held end, -1: none */
    struct output outputs[2];
    enum ending_phase phase;
    int rest_signal;  /* for what is left when it has ended */
    bool group_asked; /* its group had the signal already */
    bool delivering;  /* its output is being handed on: it must not be finished under that */
    /* What descended from it at the last look: still its own once that cannot be told. */
    struct process_list seen;
    struct process_list refused; /* of its tree, but not ours to signal */
    bool unclear; /* at the last look there was an orphan of which it could not be told yet whose it is */
    bool ended;
    bool gone;
};

struct reaper {
    uv_loop_t *loop;
    uv_signal_t signal;
    uv_timer_t poll; /* while a tree is ending: not every end of a descendant is told to us */
    int open_handles;
    struct child *children;
    bool looking;            /* every child is being looked at, */
    bool look_again;         /* and one has to be once more */
    struct child *next_look; /* whose turn is next */
    /* Children of this process that it did not start; read once for a whole look. */
    struct process_list orphans;
    char *buffer; /* what is read goes here: one for all */
};

#define OUTPUT_BUFFER 65536

/* Opens both pipes; write_fds are what the child gets. 0 or an errno. */
int output_open(struct child *child, int write_fds[2]);
void output_watch(struct child *child);

/* Hands on what is there without waiting for more. */
void output_drain(struct child *child);
void output_close(struct child *child);

/* Its own process has ended and is still a zombie. */
void child_take_ending(struct child *child);

/* Looks whether its tree is gone, and signals what has to be. Its `gone` may destroy it. */
void child_look_now(struct child *child);

/* tree.c */
void process_list_add(struct process_list *list, const struct process_info *info);
bool process_list_contains(const struct process_list *list, pid_t pid);
void process_list_finish(struct process_list *list);
void reaper_list_orphans(struct reaper *reaper);
void child_remember_descendants(struct child *child);

void reaper_add(struct reaper *reaper, struct child *child);
void reaper_remove(struct child *child);

/* A tree is ending: look again soon, also without news. */
void reaper_hasten(struct reaper *reaper);

#endif

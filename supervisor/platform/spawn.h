/*
 * Starting a process with everything in place before its program runs: a session of its own, killed by the
 * system when this process dies, default signals, an empty mask, descriptors 0 to 2 and no others.
 */
#ifndef SIDECARD_PLATFORM_SPAWN_H
#define SIDECARD_PLATFORM_SPAWN_H

#include <sys/types.h>

#include "base/error.h"

/* Where it failed, for the message. name, text */
#define SPAWN_STAGE_LIST(X)                                                                                  \
    X(PROCESS, "cannot make a process")                                                                      \
    X(SESSION, "cannot make a session")                                                                      \
    X(PARENT, "the supervisor is gone")                                                                      \
    X(DESCRIPTORS, "cannot set up its descriptors")                                                          \
    X(FOLDER, "cannot enter its working folder")                                                             \
    X(PROGRAM, "cannot execute its program")

enum spawn_stage {
#define SPAWN_STAGE_ENUM(name, text) SPAWN_##name,
    SPAWN_STAGE_LIST(SPAWN_STAGE_ENUM)
#undef SPAWN_STAGE_ENUM
        SPAWN_STAGE_COUNT
};

struct spawn_options {
    const char *program;      /* a path */
    char *const *arguments;   /* argv, NULL-terminated */
    char *const *environment; /* NAME=value, NULL-terminated */
    const char *folder;       /* NULL: this process's */
    int descriptors[3];       /* what becomes 0, 1 and 2; each stays open here */
};

struct spawned {
    pid_t pid;  /* its group's and session's number too */
    int handle; /* process_handle.h; the caller closes it */
};

/* 0; or ERROR_SYSTEM (try again), ERROR_NOT_EXECUTABLE, ERROR_BINARY_NOT_FOUND or ERROR_MISSING_PATH, and
 * nothing runs. */
int spawn_process(const struct spawn_options *options, struct spawned *spawned, struct error *error);

/* The soft limit of descriptors that children get, where the hard limit allows it (lifecycle.md). */
#define SPAWN_SOFT_DESCRIPTORS 65536

#endif

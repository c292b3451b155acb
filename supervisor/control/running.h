/*
 * What a running supervisor writes about itself, and how a client finds it by that: `runtime.json` in its
 * data_dir's runtime folder (control.md), and an entry in a folder of this user's that lists all that run, so
 * that commands find the only one by themselves.
 */
#ifndef SIDECARD_CONTROL_RUNNING_H
#define SIDECARD_CONTROL_RUNNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define RUNNING_PROTOCOL 1

struct running {
    pid_t pid;
    int64_t pid_start; /* tells whether that pid is still it */
    char *version;
    char *socket;
    char *mode;
    char *data_dir;
    int64_t started_at_ms;
};

void running_finish(struct running *running);

/* Writes <folder>/runtime.json, and the entry among those that run; that one is a convenience, its failure is
 * none. */
int running_announce(const struct running *running, const char *folder, struct error *error);

/* Whether <folder>/runtime.json is there, whatever it says. */
bool running_is_announced(const char *folder);

/* Removes both. */
void running_withdraw(const char *folder);

/* What <folder>/runtime.json tells. ERROR_NOT_RUNNING where there is none or its process is gone. */
int running_read(const char *folder, struct running *running, struct error *error);

/* All that run for this user; what is stale is swept. The caller finishes each and frees the array. */
size_t running_list(struct running **all);

#endif

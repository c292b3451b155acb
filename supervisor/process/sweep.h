/*
 * Ends what an earlier runtime left behind: when everything of it was killed at one instant, what had left
 * its children's sessions may still live, hold ports and answer for today's code.
 *
 * Whoever calls holds the lock of the data_dir whose ledger it is, so that the runtime of the ledger is
 * certainly dead.
 */
#ifndef SIDECARD_PROCESS_SWEEP_H
#define SIDECARD_PROCESS_SWEEP_H

#include <stddef.h>

#include "base/strings.h"

struct swept {
    struct strings processes; /* "node (pid 4711) of web" */
    struct strings refused;   /* those that we have no right to signal */
};

/*
 * SIGKILL, until nothing is left, to what the ledger names by pid and start time, to what carries its
 * runtime's id in the environment, and to all that descends from those; never to this process or those that
 * it descends from. Blocks until they are gone, at most SWEEP_MS. The caller finishes swept.
 */
#define SWEEP_MS 2000
void sweep_left_behind(const char *ledger_path, struct swept *swept);
void swept_finish(struct swept *swept);

#endif

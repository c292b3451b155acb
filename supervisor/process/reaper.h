/*
 * The children of this process on one loop: learns of every end, hands it to the child whose it is, and
 * collects the orphans that were adopted. One per process, because ends are told to the process as a whole.
 */
#ifndef SIDECARD_PROCESS_REAPER_H
#define SIDECARD_PROCESS_REAPER_H

#include <uv.h>

#include "base/strings.h"

struct reaper;

/* Makes this process the one that adopts the orphans among its descendants. Keeps the loop alive while there
 * are children. */
struct reaper *reaper_create(uv_loop_t *loop);

/* No child may be left. The loop has to run once more before it is closed. */
void reaper_destroy(struct reaper *reaper);

/* SIGKILL to everything that still descends from this process: what left its tree without a trace and is only
 * known as ours. Adds each to names ("node (pid 4711)"; NULL: not asked for) unless it is there already, and
 * returns how many were found; call again until it is 0. */
size_t reaper_kill_strays(struct reaper *reaper, struct strings *names);

#endif

/*
 * When the next attempt of a probe is due (lifecycle.md, 'Probes'): plain arithmetic, no clock.
 */
#ifndef SIDECARD_PROBE_RHYTHM_H
#define SIDECARD_PROBE_RHYTHM_H

#include <stdint.h>

#include "plan/probe_plan.h"

/* A child is young while it is younger than this, and its ready probe is tried that often. */
#define RHYTHM_YOUNG_MS         1000
#define RHYTHM_YOUNG_STEP_MS    10
#define RHYTHM_YOUNG_EXEC_MS    100  /* a command is dearer than a connection */
#define RHYTHM_READY_ATTEMPT_MS 2000 /* the longest that one ready attempt may take */

/*
 * The distance, from the start of the attempt that just failed to the start of the next: short while the
 * child is young, then twice the distance before, up to the plan's interval. age_ms counts from the child's
 * start; last_ms is the distance before, 0 at the first failure. Never under 1 ms.
 */
int64_t rhythm_ready_distance(const struct probe_plan *plan, int64_t age_ms, int64_t last_ms);

/* How long one attempt may take: at most 2 s of a ready probe, its own timeout of a live one. */
int64_t rhythm_ready_timeout(const struct probe_plan *plan);
int64_t rhythm_live_timeout(const struct probe_plan *plan);

/*
 * How long to wait from now_ms for an attempt that is due distance_ms after started_ms: 0 where that is over,
 * as after an attempt that took longer than the distance.
 */
int64_t rhythm_wait(int64_t started_ms, int64_t distance_ms, int64_t now_ms);

#endif

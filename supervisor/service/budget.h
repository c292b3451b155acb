/*
 * How often a service may be restarted, and how long to wait before it: two rules at once (lifecycle.md,
 * 'Restart budget'). At most `max` restarts in any sliding `window_ms`, and at most `max` in a row without a
 * stretch of BUDGET_STABLE_MS ready between them, however far apart they are.
 *
 * Pure: times are handed in, in milliseconds on a clock that never goes back.
 */
#ifndef SIDECARD_SERVICE_BUDGET_H
#define SIDECARD_SERVICE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

#define BUDGET_STABLE_MS 60000

struct budget {
    const struct restart_plan *plan; /* borrowed */
    int64_t *charged_at;             /* the last `max` restarts, a circle */
    size_t next;                     /* where the next one goes */
    size_t count;
    int in_row;
};

void budget_init(struct budget *budget, const struct restart_plan *plan);
void budget_finish(struct budget *budget);

/* Spends one restart; false, and nothing is spent, where none is left. */
bool budget_charge(struct budget *budget, int64_t now);

/* How many restarts the window that ends now holds, and how many are left. */
int budget_in_window(const struct budget *budget, int64_t now);
int budget_left(const struct budget *budget, int64_t now);

/* It has been ready for BUDGET_STABLE_MS: the row is broken, and delays begin from the start. */
void budget_stable(struct budget *budget);

/* Somebody started it by hand: a full budget again. */
void budget_refill(struct budget *budget);

/* The delay before the restart that was charged last; chance in [0, 1) spreads it by the plan's jitter. */
int64_t budget_delay(const struct budget *budget, double chance);

#endif

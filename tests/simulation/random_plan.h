/* A plan of up to RANDOM_PLAN_MAX sidecars with whatever may stand in one, as far as `service` looks at it.
 */
#ifndef SIDECARD_TESTS_RANDOM_PLAN_H
#define SIDECARD_TESTS_RANDOM_PLAN_H

#include "chance.h"
#include "plan/plan.h"

#define RANDOM_PLAN_MAX 8

/* calm: nothing in it keeps a sidecar from starting. The caller finishes the plan. */
void random_plan_make(struct plan *plan, struct chance *chance, bool calm);

#endif

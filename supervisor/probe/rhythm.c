#include "rhythm.h"

static int64_t at_least_one(int64_t milliseconds)
{
    return milliseconds > 0 ? milliseconds : 1;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t rhythm_ready_distance(const struct probe_plan *plan, int64_t age_ms, int64_t last_ms)
{
    int64_t step = plan->kind == PROBE_EXEC ? RHYTHM_YOUNG_EXEC_MS : RHYTHM_YOUNG_STEP_MS;
    int64_t wanted = age_ms < RHYTHM_YOUNG_MS ? step : last_ms > 0 ? last_ms * 2 : step * 2;
    return at_least_one(smaller(wanted, plan->interval_ms));
}

int64_t rhythm_ready_timeout(const struct probe_plan *plan)
{
    return at_least_one(smaller(plan->timeout_ms, RHYTHM_READY_ATTEMPT_MS));
}

int64_t rhythm_live_timeout(const struct probe_plan *plan)
{
    return at_least_one(plan->timeout_ms);
}

int64_t rhythm_wait(int64_t started_ms, int64_t distance_ms, int64_t now_ms)
{
    int64_t due = started_ms + distance_ms;
    return due > now_ms ? due - now_ms : 0;
}

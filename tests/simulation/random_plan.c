#include "random_plan.h"

#include "base/memory.h"
#include "base/text.h"

static int64_t one_of(struct chance *chance, const int64_t *values, size_t count)
{
    return values[chance_between(chance, 0, (int64_t)count - 1)];
}

#define ONE_OF(chance, ...)                                                                                  \
    one_of(chance, (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void make_restart(struct restart_plan *restart, struct chance *chance)
{
    restart->policy = (enum restart_policy)ONE_OF(chance, RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NEVER);
    restart->max = (int)chance_between(chance, 0, 6);
    restart->window_ms = ONE_OF(chance, 2000, 90000, 1000000);
    restart->backoff_initial_ms = ONE_OF(chance, 0, 200, 3000);
    restart->backoff_factor = 2;
    restart->backoff_max_ms = 10000;
    restart->backoff_jitter = 0.1;
    restart->retry_after_ms = ONE_OF(chance, RETRY_NEVER, 0, 5000, 300000);
}

static void make_dependencies(struct plan *plan, size_t index, struct chance *chance, bool calm)
{
    struct sidecar_plan *sidecar = &plan->sidecars[index];
    sidecar->dependencies = memory_new(RANDOM_PLAN_MAX, sizeof(*sidecar->dependencies));
    for (size_t i = 0; i < index; i++) {
        if (!chance_percent(chance, 35))
            continue;
        bool ends = !calm && !plan->sidecars[i].remote && plan->sidecars[i].restart.policy != RESTART_ALWAYS;
        sidecar->dependencies[sidecar->dependency_count++] = (struct dependency){
            .name = memory_copy_text(plan->sidecars[i].name),
            .condition = ends && chance_percent(chance, 20) ? DEPENDENCY_COMPLETED
                         : chance_percent(chance, 30)       ? DEPENDENCY_STARTED
                                                            : DEPENDENCY_READY,
            .by_default = chance_percent(chance, 50),
        };
    }
}

void random_plan_make(struct plan *plan, struct chance *chance, bool calm)
{
    *plan = (struct plan){.auto_restart = calm || chance_percent(chance, 90)};
    plan->sidecar_count = (size_t)chance_between(chance, 1, RANDOM_PLAN_MAX);
    plan->sidecars = memory_new(plan->sidecar_count, sizeof(*plan->sidecars));
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        struct sidecar_plan *sidecar = &plan->sidecars[i];
        sidecar->name = text_format("s%zu", i);
        sidecar->remote = chance_percent(chance, 10);
        sidecar->on_demand = chance_percent(chance, 10);
        sidecar->critical = !sidecar->remote && chance_percent(chance, 70);
        sidecar->adopt = !sidecar->remote && chance_percent(chance, 15);
        sidecar->restart_with = chance_percent(chance, 25);
        sidecar->ready.kind = chance_percent(chance, 20) ? PROBE_UPTIME : PROBE_TCP;
        sidecar->ready.timeout_ms = ONE_OF(chance, 1000, 35000);
        sidecar->live.interval_ms = 5000;
        sidecar->live.failures = (int)chance_between(chance, 1, 3);
        sidecar->live.enforce = chance_percent(chance, 80);
        sidecar->stop.grace_ms = ONE_OF(chance, 0, 500, 5000);
        make_restart(&sidecar->restart, chance);
        if (!sidecar->remote)
            make_dependencies(plan, i, chance, calm);
    }
}

#include "budget.h"

#include <stdlib.h>

#include "base/memory.h"

void budget_init(struct budget *budget, const struct restart_plan *plan)
{
    *budget = (struct budget){.plan = plan};
    if (plan->max > 0)
        budget->charged_at = memory_new((size_t)plan->max, sizeof(*budget->charged_at));
}

void budget_finish(struct budget *budget)
{
    free(budget->charged_at);
    *budget = (struct budget){0};
}

int budget_in_window(const struct budget *budget, int64_t now)
{
    int inside = 0;
    for (size_t i = 0; i < budget->count; i++)
        if (now - budget->charged_at[i] < budget->plan->window_ms)
            inside++;
    return inside;
}

int budget_left(const struct budget *budget, int64_t now)
{
    int in_window = budget_in_window(budget, now);
    int spent = in_window > budget->in_row ? in_window : budget->in_row;
    return spent < budget->plan->max ? budget->plan->max - spent : 0;
}

bool budget_charge(struct budget *budget, int64_t now)
{
    if (budget_left(budget, now) == 0)
        return false;
    size_t capacity = (size_t)budget->plan->max;
    budget->charged_at[budget->next] = now;
    budget->next = (budget->next + 1) % capacity;
    if (budget->count < capacity)
        budget->count++;
    budget->in_row++;
    return true;
}

void budget_stable(struct budget *budget)
{
    budget->in_row = 0;
}

void budget_refill(struct budget *budget)
{
    budget->count = 0;
    budget->next = 0;
    budget->in_row = 0;
}

int64_t budget_delay(const struct budget *budget, double chance)
{
    const struct restart_plan *plan = budget->plan;
    double delay = (double)plan->backoff_initial_ms;
    for (int i = 1; i < budget->in_row && delay < (double)plan->backoff_max_ms; i++)
        delay *= plan->backoff_factor;
    if (delay > (double)plan->backoff_max_ms)
        delay = (double)plan->backoff_max_ms;
    delay *= 1 + plan->backoff_jitter * (2 * chance - 1);
    return (int64_t)delay;
}

#include "step.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"

#define TO(state) (1u << SERVICE_##state)

/* From each state, those that one step may lead to. */
static const unsigned legal[SERVICE_STATE_COUNT] = {
    [SERVICE_STOPPED] = TO(WAITING) | TO(LOOKING),
    [SERVICE_WAITING] = TO(LOOKING) | TO(STOPPED),
    [SERVICE_LOOKING] = TO(WAITING) | TO(STARTING) | TO(ADOPTED) | TO(BACKOFF) | TO(FAILED) | TO(STOPPED),
    [SERVICE_STARTING] = TO(READY) | TO(ENDING) | TO(CLEARING) | TO(STOPPING),
    [SERVICE_READY] = TO(UNHEALTHY) | TO(CLEARING) | TO(STOPPING),
    [SERVICE_UNHEALTHY] = TO(READY) | TO(ENDING) | TO(CLEARING) | TO(STOPPING),
    [SERVICE_ENDING] = TO(WAITING) | TO(LOOKING) | TO(BACKOFF) | TO(FAILED) | TO(STOPPED) | TO(STOPPING),
    [SERVICE_CLEARING] =
        TO(WAITING) | TO(LOOKING) | TO(BACKOFF) | TO(FAILED) | TO(COMPLETED) | TO(STOPPED) | TO(STOPPING),
    [SERVICE_BACKOFF] = TO(WAITING) | TO(LOOKING) | TO(STOPPED),
    [SERVICE_STOPPING] = TO(STOPPED) | TO(WAITING) | TO(LOOKING),
    [SERVICE_FAILED] = TO(WAITING) | TO(LOOKING) | TO(STOPPED),
    [SERVICE_COMPLETED] = TO(WAITING) | TO(LOOKING) | TO(STOPPED),
    [SERVICE_ADOPTED] = TO(WAITING) | TO(LOOKING) | TO(STOPPED),
    [SERVICE_REMOTE] = 0,
};

bool transition_legal(enum service_state from, enum service_state to)
{
    return (legal[from] & (1u << to)) != 0;
}

void step_enter(struct step *step, enum service_state state, int64_t timer_at)
{
    assert(transition_legal(step->service->state, state));
    step->service->state = state;
    step->service->timer_at = timer_at;
}

void step_act(struct step *step, enum service_action action)
{
    assert(step->actions->count < SERVICE_MAX_ACTIONS);
    step->actions->items[step->actions->count++] = action;
}

void step_set_error(struct service *service, const struct error *error)
{
    if (error && error->code != ERROR_NONE)
        error_copy(&service->last_error, error);
}

void step_go(struct step *step)
{
    if (step->event->met) {
        step_enter(step, SERVICE_LOOKING, SERVICE_NO_TIMER);
        step_act(step, ACTION_LOOK);
    } else {
        step_enter(step, SERVICE_WAITING, SERVICE_NO_TIMER);
        step_act(step, ACTION_TELL_WAITING);
    }
}

void step_want_afresh(struct service *service)
{
    if (!service->wanted || service->state == SERVICE_FAILED)
        service->well_once = false;
    service->wanted = true;
    service->probation = false;
    service->hurried = false;
    budget_refill(&service->budget);
    error_finish(&service->last_error);
}

void step_go_again(struct step *step)
{
    struct service *service = step->service;
    service->restarts++;
    service->last_restart_at = step->event->now;
    step_act(step, ACTION_TELL_RESTARTING);
    step_go(step);
}

void step_rest(struct step *step)
{
    struct service *service = step->service;
    service->probation = false;
    error_finish(&service->last_error);
    step_enter(step, SERVICE_STOPPED, SERVICE_NO_TIMER);
    step_act(step, ACTION_TELL_STOPPED);
}

void step_give_up(struct step *step)
{
    struct service *service = step->service;
    const struct restart_plan *plan = &service->plan->restart;
    bool retries = service->auto_restart && plan->policy != RESTART_NEVER && plan->retry_after_ms >= 0;
    service->probation = false;
    step_enter(step, SERVICE_FAILED, retries ? step->event->now + plan->retry_after_ms : SERVICE_NO_TIMER);
    step_act(step, ACTION_TELL_FAILED);
}

void step_end_tree(struct step *step, enum service_state state)
{
    const struct service *service = step->service;
    step_act(step, ACTION_PROBE_OFF);
    step_act(step, ACTION_STOP_TREE);
    if (service->hurried) {
        step_act(step, ACTION_KILL_TREE);
        step_enter(step, state, SERVICE_NO_TIMER);
    } else {
        step_enter(step, state, step->event->now + service->plan->stop.grace_ms);
    }
}

void step_begin_stop(struct step *step)
{
    step_act(step, ACTION_TELL_STOPPING);
    step_end_tree(step, SERVICE_STOPPING);
}

static void spent_error(struct service *service)
{
    const struct restart_plan *plan = &service->plan->restart;
    const char *last = service->last_error.message ? service->last_error.message : "it failed";
    char *message = text_format("%s; the restart budget is spent (%d in %lld s)", last, plan->max,
                                (long long)(plan->window_ms / 1000));
    error_set(&service->last_error, ERROR_BUDGET_SPENT, "%s", message);
    error_remedy(&service->last_error, "mend the cause, then run 'sidecard start %s'", service->plan->name);
    free(message);
}

void step_decide(struct step *step)
{
    struct service *service = step->service;
    service->outcome = OUTCOME_FAIL;
    if (!service->auto_restart || service->plan->restart.policy == RESTART_NEVER || service->probation)
        return;
    if (!budget_charge(&service->budget, step->event->now)) {
        spent_error(service);
        return;
    }
    service->outcome = OUTCOME_RESTART;
    service->restart_at = step->event->now + budget_delay(&service->budget, step->event->chance);
}

void step_follow_outcome(struct step *step)
{
    struct service *service = step->service;
    if (!service->wanted) {
        step_rest(step);
        return;
    }
    switch (service->outcome) {
    case OUTCOME_COMPLETE:
        service->well_once = true;
        step_enter(step, SERVICE_COMPLETED, SERVICE_NO_TIMER);
        step_act(step, ACTION_TELL_COMPLETED);
        return;
    case OUTCOME_FAIL:
        step_give_up(step);
        return;
    case OUTCOME_RESTART:
        if (service->restart_at <= step->event->now)
            step_go_again(step);
        else
            step_enter(step, SERVICE_BACKOFF, service->restart_at);
    }
}

void step_record_exit(struct step *step, enum exit_reason reason)
{
    struct service *service = step->service;
    service->last_exit = (struct exit_record){
        .known = true,
        .code = step->event->exit_code,
        .signal = step->event->exit_signal,
        .at = step->event->now,
        .uptime_ms = step->event->now - service->started_at,
        .reason = reason,
    };
    service->pid = 0;
    service->started_at = 0;
    service->ready_at = 0;
}

bool step_is_success(const struct service *service, const struct service_event *event)
{
    const struct restart_plan *plan = &service->plan->restart;
    if (event->exit_signal != 0)
        return false;
    if (plan->success_exit_code_count == 0)
        return event->exit_code == 0;
    for (size_t i = 0; i < plan->success_exit_code_count; i++)
        if (plan->success_exit_codes[i] == event->exit_code)
            return true;
    return false;
}

/*
 * What each event does in each state: functions of one step, and the table that names one for every pair.
 * Read the table first; it stands at the end.
 */
#include "transitions.h"

/* ---- the steps ---- */

static void ignore(struct step *step)
{
}

static void bug(struct step *step)
{
    step->service->bug_event = step->event->kind;
    step_act(step, ACTION_TELL_BUG);
}

static void start(struct step *step)
{
    step_want_afresh(step->service);
    step_go(step);
}

/* Where something runs already, or is on its way: also in STOPPING, which then leads to a new start. */
static void start_running(struct step *step)
{
    step_want_afresh(step->service);
    if (service_well(step->service))
        step->service->well_once = true;
}

/* What it waits for in vain, if anything, it goes on saying: nobody would tell it again. */
static void start_waiting(struct step *step)
{
    struct error waits_for = {0};
    error_move(&waits_for, &step->service->last_error);
    step_want_afresh(step->service);
    error_move(&step->service->last_error, &waits_for);
}

/* A start by hand does not sit out a delay. */
static void start_clearing(struct step *step)
{
    step_want_afresh(step->service);
    step->service->outcome = OUTCOME_RESTART;
    step->service->restart_at = step->event->now;
}

static void dependencies_waiting(struct step *step)
{
    error_finish(&step->service->last_error);
    if (step->event->met)
        step_go(step);
    else
        step_set_error(step->service, step->event->error);
}

static void stop_idle(struct step *step)
{
    step->service->wanted = false;
    step_rest(step);
}

static void stop_stopped(struct step *step)
{
    step->service->wanted = false;
}

static void stop_looking(struct step *step)
{
    step_act(step, ACTION_LOOK_OFF);
    stop_idle(step);
}

static void stop_adopted(struct step *step)
{
    step_act(step, ACTION_PROBE_OFF);
    stop_idle(step);
}

static void stop_running(struct step *step)
{
    step->service->wanted = false;
    if (!step->event->held)
        step_begin_stop(step);
}

/* Its tree is going already: from now on because somebody asked for it. */
static void stop_ending(struct step *step)
{
    step->service->wanted = false;
    step_enter(step, SERVICE_STOPPING, step->service->timer_at);
    step_act(step, ACTION_TELL_STOPPING);
}

static void stop_stopping(struct step *step)
{
    step->service->wanted = false;
}

static void restart_running(struct step *step)
{
    step_want_afresh(step->service);
    step_begin_stop(step);
}

/* Nobody asked for this restart of it in particular: its budget is what it was. */
static void follow(struct step *step)
{
    if (step->service->wanted)
        step_begin_stop(step);
}

static void restart_adopted(struct step *step)
{
    step_want_afresh(step->service);
    step_act(step, ACTION_PROBE_OFF);
    step_go(step);
}

static void look_clear(struct step *step)
{
    /* What it depends on may have gone while somebody looked. */
    if (step->event->met)
        step_act(step, ACTION_LAUNCH);
    else
        step_go(step);
}

static void look_healthy(struct step *step)
{
    step->service->well_once = true;
    error_finish(&step->service->last_error);
    step_enter(step, SERVICE_ADOPTED, SERVICE_NO_TIMER);
    step_act(step, ACTION_PROBE_WATCH);
    step_act(step, ACTION_TELL_ADOPTED);
}

static void look_failed(struct step *step)
{
    step_set_error(step->service, step->event->error);
    step_give_up(step);
}

static void launched(struct step *step)
{
    struct service *service = step->service;
    service->pid = step->event->pid;
    service->tree = true;
    service->start_number++;
    service->started_at = step->event->now;
    service->ready_at = 0;
    error_finish(&service->probe_error);
    step_enter(step, SERVICE_STARTING, step->event->now + service->plan->ready.timeout_ms);
    if (service->plan->ready.kind == PROBE_UPTIME)
        service->timer_at = SERVICE_NO_TIMER;
    step_act(step, ACTION_TELL_STARTED);
    step_act(step, ACTION_PROBE_READY);
}

static void launch_failed(struct step *step)
{
    struct service *service = step->service;
    step_set_error(service, step->event->error);
    if (step->event->permanent) {
        step_give_up(step);
        return;
    }
    service->last_exit =
        (struct exit_record){.known = true, .code = -1, .at = step->event->now, .reason = EXIT_LAUNCH_FAILED};
    step_decide(step);
    step_act(step, ACTION_TELL_EXITED);
    if (service->outcome == OUTCOME_FAIL)
        step_give_up(step);
    else
        step_enter(step, SERVICE_BACKOFF, service->restart_at);
}

static void ready(struct step *step)
{
    struct service *service = step->service;
    service->ready_at = step->event->now;
    service->well_once = true;
    if (!service->probation)
        error_finish(&service->last_error);
    step_enter(step, SERVICE_READY, step->event->now + BUDGET_STABLE_MS);
    step_act(step, ACTION_PROBE_LIVE);
    step_act(step, ACTION_TELL_READY);
}

static void not_ready_yet(struct step *step)
{
    if (step->event->error)
        error_copy(&step->service->probe_error, step->event->error);
}

static void not_ready_in_time(struct step *step)
{
    struct service *service = step->service;
    const char *why = service->probe_error.message;
    service->timer_at = SERVICE_NO_TIMER;
    /* Its stop was asked for and waits for its dependants: it comes to its end soon enough. */
    if (!service->wanted)
        return;
    error_set(&service->last_error, ERROR_NOT_READY_IN_TIME, "%s was not ready within %.3g s%s%s",
              service->plan->name, (double)service->plan->ready.timeout_ms / 1000, why ? ": " : "",
              why ? why : "");
    error_remedy(&service->last_error, "see 'sidecard logs %s', or give it a longer ready.timeout",
                 service->plan->name);
    service->ending_reason = EXIT_NOT_READY;
    step_decide(step);
    step_end_tree(step, SERVICE_ENDING);
}

/* No failure of its own, and trying again at once cannot help. */
static void stranger(struct step *step)
{
    struct service *service = step->service;
    if (!service->wanted)
        return;
    step_set_error(service, step->event->error);
    service->ending_reason = EXIT_NOT_READY;
    service->outcome = OUTCOME_FAIL;
    step_end_tree(step, SERVICE_ENDING);
}

static void unhealthy(struct step *step)
{
    struct service *service = step->service;
    const struct probe_plan *live = &service->plan->live;
    if (service->state == SERVICE_READY) {
        step_enter(step, SERVICE_UNHEALTHY, SERVICE_NO_TIMER);
        step_act(step, ACTION_TELL_UNHEALTHY);
    }
    step_set_error(service, step->event->error);
    if (!live->enforce || !service->wanted || step->event->failures < live->failures)
        return;
    const char *why = step->event->error ? step->event->error->message : NULL;
    error_set(&service->last_error, ERROR_PROBE_FAILED, "%s failed its live probe %d times in a row%s%s",
              service->plan->name, step->event->failures, why ? ": " : "", why ? why : "");
    service->ending_reason = EXIT_LIVE_PROBE;
    step_decide(step);
    step_end_tree(step, SERVICE_ENDING);
}

static void healthy_again(struct step *step)
{
    if (!step->service->probation)
        error_finish(&step->service->last_error);
    step_enter(step, SERVICE_READY, step->event->now + BUDGET_STABLE_MS);
    step_act(step, ACTION_TELL_HEALTHY);
}

static void stable(struct step *step)
{
    struct service *service = step->service;
    service->timer_at = SERVICE_NO_TIMER;
    budget_stable(&service->budget);
    if (service->probation) {
        service->probation = false;
        error_finish(&service->last_error);
        step_act(step, ACTION_TELL_RECOVERED);
    }
}

static void exited(struct step *step)
{
    struct service *service = step->service;
    bool success = step_is_success(service, step->event);
    enum service_state next = SERVICE_CLEARING;
    step_act(step, ACTION_PROBE_OFF);
    if (!service->wanted) {
        step_record_exit(step, EXIT_REQUESTED);
        next = SERVICE_STOPPING;
    } else if (success && service->plan->restart.policy != RESTART_ALWAYS) {
        step_record_exit(step, EXIT_CLEAN);
        service->outcome = OUTCOME_COMPLETE;
        error_finish(&service->last_error);
    } else {
        enum exit_reason reason = step->event->exit_signal ? EXIT_SIGNAL : success ? EXIT_CLEAN : EXIT_FAILED;
        step_record_exit(step, reason);
        step_set_error(service, step->event->error);
        step_decide(step);
    }
    step_act(step, ACTION_TELL_EXITED);
    step_enter(step, next, step->event->now + SERVICE_CLEAR_MS);
    step_act(step, service->hurried ? ACTION_KILL_TREE : ACTION_CLEAR_TREE);
}

/* We ended it ourselves: the reason stands already. */
static void exited_ending(struct step *step)
{
    step_record_exit(step, step->service->wanted ? step->service->ending_reason : EXIT_REQUESTED);
    step_act(step, ACTION_TELL_EXITED);
}

static void exited_stopping(struct step *step)
{
    step_record_exit(step, EXIT_REQUESTED);
    step_act(step, ACTION_TELL_EXITED);
}

static void gone(struct step *step)
{
    step->service->tree = false;
    step_follow_outcome(step);
}

static void gone_stopping(struct step *step)
{
    struct service *service = step->service;
    service->tree = false;
    if (service->wanted)
        step_go(step);
    else
        step_rest(step);
}

static void kill_tree(struct step *step)
{
    step->service->timer_at = SERVICE_NO_TIMER;
    step_act(step, ACTION_KILL_TREE);
}

static void restart_due(struct step *step)
{
    step_go_again(step);
}

static void retry_due(struct step *step)
{
    step->service->probation = true;
    step_go_again(step);
}

static void lost(struct step *step)
{
    struct service *service = step->service;
    if (step->event->failures < service->plan->live.failures)
        return;
    step_set_error(service, step->event->error);
    step_act(step, ACTION_PROBE_OFF);
    step_act(step, ACTION_TELL_LOST);
    step_go(step);
}

static void hurry(struct step *step)
{
    step->service->hurried = true;
}

static void hurry_ending(struct step *step)
{
    step->service->hurried = true;
    kill_tree(step);
}

static void start_remote(struct step *step)
{
    struct service *service = step->service;
    bool watched = service->wanted;
    step_want_afresh(service);
    if (watched)
        return;
    service->probed_once = false;
    service->wait_over = false;
    service->timer_at = step->event->now + service->plan->ready.timeout_ms;
    step_act(step, ACTION_PROBE_WATCH);
}

static void restart_remote(struct step *step)
{
    if (step->service->wanted)
        step_act(step, ACTION_PROBE_OFF);
    step->service->wanted = false;
    step->service->remote_well = false;
    start_remote(step);
}

static void stop_remote(struct step *step)
{
    struct service *service = step->service;
    if (service->wanted)
        step_act(step, ACTION_PROBE_OFF);
    service->wanted = false;
    service->remote_well = false;
    service->timer_at = SERVICE_NO_TIMER;
    error_finish(&service->last_error);
}

static void remote_passed(struct step *step)
{
    struct service *service = step->service;
    bool news = !service->remote_well;
    service->remote_well = true;
    service->probed_once = true;
    service->well_once = true;
    service->timer_at = SERVICE_NO_TIMER;
    error_finish(&service->last_error);
    if (news)
        step_act(step, ACTION_TELL_HEALTHY);
}

static void remote_failed(struct step *step)
{
    struct service *service = step->service;
    bool news = service->remote_well || !service->probed_once;
    service->remote_well = false;
    service->probed_once = true;
    step_set_error(service, step->event->error);
    if (news)
        step_act(step, ACTION_TELL_UNHEALTHY);
}

static void remote_wait_over(struct step *step)
{
    step->service->timer_at = SERVICE_NO_TIMER;
    step->service->wait_over = true;
    step_act(step, ACTION_TELL_WAIT_OVER);
}

/* ---- the table ---- */

/*
 * `bug` stands where the driver broke its side of the bargain. A probe's answer is never a bug where a probe
 * may have answered in the same turn of the loop in which it was called off.
 */
/* clang-format off */
transition *const transition_handlers[SERVICE_STATE_COUNT][SERVICE_EVENT_COUNT] = {
    [SERVICE_STOPPED] = {
        [EVENT_START] = start,          [EVENT_STOP] = stop_stopped,    [EVENT_RESTART] = start,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_WAITING] = {
        [EVENT_START] = start_waiting,  [EVENT_STOP] = stop_idle,       [EVENT_RESTART] = start_waiting,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = dependencies_waiting,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_LOOKING] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_looking,    [EVENT_RESTART] = start_running,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = look_clear, [EVENT_LOOK_HEALTHY] = look_healthy, [EVENT_LOOK_FAILED] = look_failed,
        [EVENT_LAUNCHED] = launched,    [EVENT_LAUNCH_FAILED] = launch_failed,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_STARTING] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_running,    [EVENT_RESTART] = restart_running,
        [EVENT_FOLLOW] = follow,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ready,   [EVENT_PROBE_FAILED] = not_ready_yet,
        [EVENT_STRANGER] = stranger,
        [EVENT_EXITED] = exited,        [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = not_ready_in_time, [EVENT_HURRY] = hurry,
    },
    [SERVICE_READY] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_running,    [EVENT_RESTART] = restart_running,
        [EVENT_FOLLOW] = follow,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ignore,  [EVENT_PROBE_FAILED] = unhealthy,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = exited,        [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = stable,         [EVENT_HURRY] = hurry,
    },
    [SERVICE_UNHEALTHY] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_running,    [EVENT_RESTART] = restart_running,
        [EVENT_FOLLOW] = follow,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = healthy_again, [EVENT_PROBE_FAILED] = unhealthy,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = exited,        [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_ENDING] = {
        [EVENT_START] = start_clearing, [EVENT_STOP] = stop_ending,     [EVENT_RESTART] = start_clearing,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ignore,  [EVENT_PROBE_FAILED] = ignore,
        [EVENT_STRANGER] = ignore,
        [EVENT_EXITED] = exited_ending, [EVENT_TREE_GONE] = gone,
        [EVENT_TIMER] = kill_tree,      [EVENT_HURRY] = hurry_ending,
    },
    [SERVICE_CLEARING] = {
        [EVENT_START] = start_clearing, [EVENT_STOP] = stop_ending,     [EVENT_RESTART] = start_clearing,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ignore,  [EVENT_PROBE_FAILED] = ignore,
        [EVENT_STRANGER] = ignore,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = gone,
        [EVENT_TIMER] = kill_tree,      [EVENT_HURRY] = hurry_ending,
    },
    [SERVICE_BACKOFF] = {
        [EVENT_START] = start,          [EVENT_STOP] = stop_idle,       [EVENT_RESTART] = start,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = restart_due,    [EVENT_HURRY] = hurry,
    },
    [SERVICE_STOPPING] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_stopping,   [EVENT_RESTART] = start_running,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ignore,  [EVENT_PROBE_FAILED] = ignore,
        [EVENT_STRANGER] = ignore,
        [EVENT_EXITED] = exited_stopping, [EVENT_TREE_GONE] = gone_stopping,
        [EVENT_TIMER] = kill_tree,      [EVENT_HURRY] = hurry_ending,
    },
    [SERVICE_FAILED] = {
        [EVENT_START] = start,          [EVENT_STOP] = stop_idle,       [EVENT_RESTART] = start,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = retry_due,      [EVENT_HURRY] = hurry,
    },
    [SERVICE_COMPLETED] = {
        [EVENT_START] = start,          [EVENT_STOP] = stop_idle,       [EVENT_RESTART] = start,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = bug,     [EVENT_PROBE_FAILED] = bug,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_ADOPTED] = {
        [EVENT_START] = start_running,  [EVENT_STOP] = stop_adopted,    [EVENT_RESTART] = restart_adopted,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = ignore,  [EVENT_PROBE_FAILED] = lost,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = bug,            [EVENT_HURRY] = hurry,
    },
    [SERVICE_REMOTE] = {
        [EVENT_START] = start_remote,   [EVENT_STOP] = stop_remote,     [EVENT_RESTART] = restart_remote,
        [EVENT_FOLLOW] = ignore,        [EVENT_DEPENDENCIES] = ignore,
        [EVENT_LOOK_CLEAR] = bug,       [EVENT_LOOK_HEALTHY] = bug,     [EVENT_LOOK_FAILED] = bug,
        [EVENT_LAUNCHED] = bug,         [EVENT_LAUNCH_FAILED] = bug,
        [EVENT_PROBE_PASSED] = remote_passed, [EVENT_PROBE_FAILED] = remote_failed,
        [EVENT_STRANGER] = bug,
        [EVENT_EXITED] = bug,           [EVENT_TREE_GONE] = bug,
        [EVENT_TIMER] = remote_wait_over, [EVENT_HURRY] = ignore,
    },
};
/* clang-format on */

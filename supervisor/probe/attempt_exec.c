/*
 * exec: passes when the command ends with 0 within its time.
 */
#include <stdlib.h>

#include "attempt_kind.h"
#include "base/memory.h"
#include "base/signals.h"
#include "base/text.h"

struct exec_attempt {
    struct attempt base;
    void *job;
};

static void on_ended(void *context, int exit_code, int signal)
{
    struct exec_attempt *exec = context;
    exec->job = NULL;
    if (signal != 0)
        attempt_fail(&exec->base, text_format("%s was ended by %s", exec->base.plan->command.items[0],
                                              signal_name(signal)));
    else if (exit_code != 0)
        attempt_fail(&exec->base,
                     text_format("%s ended with %d", exec->base.plan->command.items[0], exit_code));
    else
        attempt_pass(&exec->base, NULL);
}

static void exec_start(struct attempt *attempt)
{
    struct exec_attempt *exec = (struct exec_attempt *)attempt;
    const struct probe_exec_host *host = &attempt->context->exec;
    struct error error = {0};
    if (host->start && attempt->plan->command.count > 0)
        exec->job = host->start(host->host, attempt->plan, on_ended, exec, &error);
    if (!exec->job)
        attempt_fail(attempt,
                     memory_copy_text(error.message ? error.message : "commands cannot be run here"));
    error_finish(&error);
}

static void exec_expire(struct attempt *attempt)
{
    char *time = attempt_time_text(attempt);
    attempt_fail(attempt, text_format("%s did not end in %s", attempt->plan->command.items[0], time));
    free(time);
}

static void exec_stop(struct attempt *attempt)
{
    struct exec_attempt *exec = (struct exec_attempt *)attempt;
    void *job = exec->job;
    exec->job = NULL;
    if (job)
        attempt->context->exec.cancel(attempt->context->exec.host, job);
}

const struct attempt_kind attempt_kind_exec = {
    .size = sizeof(struct exec_attempt), .start = exec_start, .expire = exec_expire, .stop = exec_stop};

#include <stdlib.h>

#include "base/memory.h"
#include "runtime_internal.h"

/* A program that runs once and whose whole tree is gone before it is done. Its output goes nowhere. */
struct job {
    struct jobs *jobs;
    struct job *previous, *next;
    struct child *child;
    void (*done)(void *context, int exit_code, int signal);
    void *context;
    int code;
    int signal;
};

struct jobs {
    struct runtime *runtime;
    struct job *first;
};

struct jobs *jobs_create(struct runtime *runtime)
{
    struct jobs *jobs = memory_new(1, sizeof(*jobs));
    jobs->runtime = runtime;
    return jobs;
}

static void release(struct job *job)
{
    if (job->previous)
        job->previous->next = job->next;
    else
        job->jobs->first = job->next;
    if (job->next)
        job->next->previous = job->previous;
    child_destroy(job->child);
    free(job);
}

static void on_exited(void *context, int code, int signal)
{
    struct job *job = context;
    job->code = code;
    job->signal = signal;
    child_kill(job->child);
}

static void on_gone(void *context)
{
    struct job *job = context;
    void (*done)(void *, int, int) = job->done;
    void *done_context = job->context;
    int code = job->code;
    int signal = job->signal;
    release(job);
    if (done)
        done(done_context, code, signal);
}

struct job *job_run(struct jobs *jobs, const struct strings *arguments, const char *folder,
                    void (*done)(void *context, int exit_code, int signal), void *context,
                    struct error *error)
{
    struct job *job = memory_new(1, sizeof(*job));
    *job = (struct job){.jobs = jobs, .done = done, .context = context};
    struct child_options options = {
        .arguments = arguments,
        .environment = &jobs->runtime->environment,
        .folder = folder,
        .listener = {.context = job, .exited = on_exited, .gone = on_gone},
    };
    if (child_start(jobs->runtime->reaper, &options, &job->child, error) != 0) {
        free(job);
        return NULL;
    }
    job->next = jobs->first;
    if (job->next)
        job->next->previous = job;
    jobs->first = job;
    return job;
}

void job_cancel(struct job *job)
{
    if (!job)
        return;
    job->done = NULL;
    child_kill(job->child);
}

static void *start_exec(void *host, const struct probe_plan *plan, probe_exec_done done, void *context,
                        struct error *error)
{
    return job_run(host, &plan->command, plan->cwd, done, context, error);
}

static void cancel_exec(void *host, void *job)
{
    job_cancel(job);
}

struct probe_exec_host jobs_exec_host(struct jobs *jobs)
{
    return (struct probe_exec_host){.host = jobs, .start = start_exec, .cancel = cancel_exec};
}

void jobs_destroy(struct jobs *jobs)
{
    if (!jobs)
        return;
    while (jobs->first)
        release(jobs->first);
    free(jobs);
}

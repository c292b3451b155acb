/*
 * mongo: passes when the server answers `ping` and, with `primary: true`, says that it takes writes. The
 * driver blocks, so it is asked on a thread of its own; the loop gives up on time, whenever the driver does.
 */
#include "attempt_kind.h"
#include "base/memory.h"
#include "base/strings.h"
#include "base/text.h"

struct mongo_attempt {
    struct attempt base;
    struct mongo_job *job;
};

static void on_answered(void *context, bool passed, const char *reason)
{
    struct mongo_attempt *mongo = context;
    mongo->job = NULL;
    if (passed)
        attempt_pass(&mongo->base, NULL);
    else
        attempt_fail(&mongo->base, memory_copy_text(reason ? reason : "the server did not answer"));
}

static void mongo_start(struct attempt *attempt)
{
    struct mongo_attempt *mongo = (struct mongo_attempt *)attempt;
    struct probe_context *context = attempt->context;
    const struct probe_plan *plan = attempt->plan;
    struct strings uris = {0};
    if (!context->mongo)
        context->mongo = mongo_workers_create(context->loop);
    if (plan->mongo_uri) {
        strings_add(&uris, plan->mongo_uri);
    } else {
        strings_take(&uris, text_format("mongodb://127.0.0.1:%d/", plan->port));
        strings_take(&uris, text_format("mongodb://[::1]:%d/", plan->port));
    }
    mongo->job = mongo_job_start(context->mongo, &uris, plan->mongo_primary, (int32_t)attempt->timeout_ms,
                                 on_answered, mongo);
    strings_finish(&uris);
    if (!mongo->job)
        attempt_fail(attempt, memory_copy_text("earlier database probes still wait for their answers"));
}

static void mongo_stop(struct attempt *attempt)
{
    struct mongo_attempt *mongo = (struct mongo_attempt *)attempt;
    mongo_job_cancel(mongo->job);
    mongo->job = NULL;
}

const struct attempt_kind attempt_kind_mongo = {
    .size = sizeof(struct mongo_attempt), .start = mongo_start, .stop = mongo_stop};

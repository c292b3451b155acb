/* How far a start has come, for a splash screen (control.md, `startup`). */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/text.h"
#include "runtime_internal.h"

struct progress {
    int done;
    int total;
    const struct service *current; /* what is being waited for; NULL: nothing */
};

/* What starts by itself is more telling than what waits for it. */
static int telling(const struct service *service)
{
    switch (service->state) {
    case SERVICE_WAITING:
        return 1;
    case SERVICE_BACKOFF:
    case SERVICE_CLEARING:
        return 2;
    default:
        return 3;
    }
}

static struct progress measure(const struct runtime *runtime)
{
    struct progress progress = {0};
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        const struct service *service = runtime->sidecars[i].service;
        if (!service->wanted || service->plan->remote)
            continue;
        progress.total++;
        if (service->well_once)
            progress.done++;
        else if (!progress.current || telling(service) > telling(progress.current))
            progress.current = service;
    }
    return progress;
}

static char *message_of(const struct service *current)
{
    if (!current)
        return text_format("Almost there");
    const char *name = current->plan->title ? current->plan->title : current->plan->name;
    switch (current->state) {
    case SERVICE_WAITING:
        return text_format("%s waits for what it depends on", name);
    case SERVICE_BACKOFF:
    case SERVICE_CLEARING:
    case SERVICE_ENDING:
        return text_format("%s is tried again", name);
    default:
        return text_format("Starting %s", name);
    }
}

cJSON *startup_json(struct runtime *runtime)
{
    if (fleet_state(runtime->fleet) != FLEET_STARTING)
        return cJSON_CreateNull();
    struct progress progress = measure(runtime);
    int percent = progress.total ? progress.done * 100 / progress.total : 0;
    if (percent > runtime->startup_percent)
        runtime->startup_percent = percent;
    char *message = message_of(progress.current);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "step", "starting");
    cJSON_AddStringToObject(object, "message", message);
    cJSON_AddNumberToObject(object, "percent", runtime->startup_percent);
    cJSON_AddNumberToObject(object, "done", progress.done);
    cJSON_AddNumberToObject(object, "total", progress.total);
    if (progress.current)
        cJSON_AddStringToObject(object, "sidecar", progress.current->plan->name);
    else
        cJSON_AddNullToObject(object, "sidecar");
    cJSON_AddNullToObject(object, "model");
    free(message);
    return object;
}

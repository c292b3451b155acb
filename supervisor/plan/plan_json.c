#include "plan.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"

static cJSON *environment_to_json(const struct strings *env)
{
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; i < env->count; i++) {
        const char *equals = strchr(env->items[i], '=');
        struct text name = {0};
        text_append_bytes(&name, env->items[i], (size_t)(equals - env->items[i]));
        cJSON_AddStringToObject(object, text_get(&name), equals + 1);
        text_finish(&name);
    }
    return object;
}

static cJSON *spec_to_json(const struct sidecar_plan *sidecar)
{
    cJSON *spec = cJSON_CreateObject();
    cJSON_AddStringToObject(spec, "name", sidecar->name);
    cJSON_AddStringToObject(spec, "cmd", sidecar->command.items[0]);
    cJSON *args = cJSON_AddArrayToObject(spec, "args");
    for (size_t i = 1; i < sidecar->command.count; i++)
        cJSON_AddItemToArray(args, cJSON_CreateString(sidecar->command.items[i]));
    cJSON_AddStringToObject(spec, "cwd", sidecar->cwd);
    cJSON_AddItemToObject(spec, "env", environment_to_json(&sidecar->env));
    return spec;
}

cJSON *plan_to_json(const struct plan *plan)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "mode", mode_name(plan->mode));
    cJSON_AddNumberToObject(object, "webPort", plan->web_port);
    cJSON_AddNumberToObject(object, "backendPort", plan->backend_port);
    cJSON_AddNumberToObject(object, "mongoPort", plan->mongo_port);
    cJSON_AddNumberToObject(object, "ollamaPort", plan->ollama_port);
    cJSON *specs = cJSON_AddArrayToObject(object, "specs");
    for (size_t i = 0; i < plan->sidecar_count; i++)
        if (!plan->sidecars[i].remote)
            cJSON_AddItemToArray(specs, spec_to_json(&plan->sidecars[i]));
    return object;
}

#include "logs/secrets.h"
#include "runtime_internal.h"

/* The profile's check has compiled every pattern already; should one be refused here all the same, known
 * secrets are still replaced. */
static struct redactor *make(const struct strings *secrets, const struct strings *patterns)
{
    struct redactor *redactor = NULL;
    struct redactor_options options = {.secrets = secrets, .patterns = patterns, .url_passwords = true};
    if (redactor_create(&options, &redactor, NULL) != 0) {
        options.patterns = NULL;
        redactor_create(&options, &redactor, NULL);
    }
    return redactor;
}

struct redactor *redaction_of_sidecar(const struct runtime *runtime, const struct sidecar_plan *plan)
{
    struct strings secrets = {0};
    if (plan->logs.redact_off)
        return NULL;
    secrets_of_environment(&runtime->environment, &secrets);
    secrets_of_environment(&plan->env, &secrets);
    struct redactor *redactor = make(&secrets, &plan->logs.redact);
    strings_finish(&secrets);
    return redactor;
}

struct redactor *redaction_of_events(const struct runtime *runtime)
{
    struct strings secrets = {0};
    struct strings patterns = {0};
    secrets_of_environment(&runtime->environment, &secrets);
    for (size_t i = 0; i < runtime->plan->sidecar_count; i++) {
        const struct sidecar_plan *plan = &runtime->plan->sidecars[i];
        if (plan->logs.redact_off)
            continue;
        secrets_of_environment(&plan->env, &secrets);
        strings_copy(&patterns, &plan->logs.redact);
    }
    struct redactor *redactor = make(&secrets, &patterns);
    strings_finish(&secrets);
    strings_finish(&patterns);
    return redactor;
}

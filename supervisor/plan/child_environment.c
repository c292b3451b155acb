#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* What the plan sets itself is left out here and added behind, so that a thousand variables cost no million
 * comparisons. */
static bool is_inherited(const struct sidecar_plan *sidecar, const char *name)
{
    if (strcmp(name, "NOTIFY_SOCKET") == 0 || strings_contain(&sidecar->without_env, name) ||
        strings_variable(&sidecar->env, name))
        return false;
    return sidecar->inherit_all || strings_contain(&sidecar->inherit_env, name);
}

static void inherit(const struct sidecar_plan *sidecar, const struct strings *inherited,
                    struct strings *environment)
{
    for (size_t i = 0; i < inherited->count; i++) {
        const char *equals = strchr(inherited->items[i], '=');
        if (!equals)
            continue;
        char *name = memory_copy_bytes(inherited->items[i], (size_t)(equals - inherited->items[i]));
        if (is_inherited(sidecar, name))
            strings_add(environment, inherited->items[i]);
        free(name);
    }
}

static void set_where_missing(struct strings *environment, const char *name, const char *value)
{
    if (!strings_variable(environment, name))
        strings_set_variable(environment, name, value);
}

static bool lists_host(const char *list, const char *host)
{
    size_t length = strlen(host);
    while (*list) {
        list += strspn(list, ", ");
        size_t part = strcspn(list, ", ");
        if (part == length && strncmp(list, host, length) == 0)
            return true;
        list += part;
    }
    return false;
}

static char *with_loopback(const char *list)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "::1"};
    struct text text = {0};
    text_append(&text, list);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (!lists_host(list, hosts[i]))
            text_printf(&text, "%s%s", text.length > 0 ? "," : "", hosts[i]);
    return text_take(&text);
}

/* Programs read the one spelling or the other: where only one was set, both get its hosts. */
static void keep_loopback_off_proxies(struct strings *environment)
{
    const char *upper = strings_variable(environment, "NO_PROXY");
    const char *lower = strings_variable(environment, "no_proxy");
    char *upper_value = with_loopback(upper ? upper : lower ? lower : "");
    char *lower_value = with_loopback(lower ? lower : upper ? upper : "");
    strings_set_variable(environment, "NO_PROXY", upper_value);
    strings_set_variable(environment, "no_proxy", lower_value);
    free(upper_value);
    free(lower_value);
}

/* In the place of what is inherited, but not of what the plan sets itself. */
static void set_unless_own(const struct sidecar_plan *sidecar, struct strings *environment, const char *name,
                           const char *value)
{
    if (!strings_variable(&sidecar->env, name))
        strings_set_variable(environment, name, value);
}

static void set_address(const struct sidecar_plan *sidecar, struct strings *environment)
{
    if (sidecar->port == 0)
        return;
    char *port = text_format("%d", sidecar->port);
    set_unless_own(sidecar, environment, "PORT", port);
    set_unless_own(sidecar, environment, "HOST", "127.0.0.1");
    set_unless_own(sidecar, environment, "HOSTNAME", "127.0.0.1");
    free(port);
}

void plan_child_environment(const struct sidecar_plan *sidecar, const struct strings *inherited,
                            const char *runtime_id, const char *socket_path, struct strings *environment)
{
    inherit(sidecar, inherited, environment);
    set_address(sidecar, environment);
    strings_copy(environment, &sidecar->env);
    set_where_missing(environment, "PYTHONUNBUFFERED", "1");
    set_where_missing(environment, "PYTHONUTF8", "1");
    keep_loopback_off_proxies(environment);
    strings_set_variable(environment, "SIDECARD_NAME", sidecar->name);
    strings_set_variable(environment, "SIDECARD_RUNTIME_ID", runtime_id);
    strings_set_variable(environment, "SIDECARD_SOCKET", socket_path);
}

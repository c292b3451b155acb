#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/url.h"
#include "build.h"
#include "placeholders.h"
#include "values.h"

/* A model server whose base_url is not where ours would listen runs elsewhere. */
static void follow_base_url(struct build *build, struct row *row)
{
    const struct document *llm = value_of(build->root, "llm_defaults");
    const char *base_url = value_text(llm, "base_url");
    const char *provider = value_text(llm, "provider");
    if (!base_url || (provider && strcmp(provider, role_traits_of(row->role)->name) != 0))
        return;
    int scheme_port = !strstr(base_url, "://")              ? role_traits_of(row->role)->port
                      : strncmp(base_url, "https:", 6) == 0 ? 443
                                                            : 80;
    char *host = NULL;
    int port;
    if (!url_host_port(base_url, scheme_port, &host, &port))
        return;
    if (!url_host_is_loopback(host) || port != row->port) {
        char *origin = url_origin(base_url);
        row->remote = true;
        row->port = port;
        row->url = strstr(origin, "://") ? memory_copy_text(origin) : text_format("http://%s", origin);
        free(origin);
    }
    free(host);
}

/* `binary` of the profile, NULL where it has none; a fault of it is reported with the sidecar's other texts.
 */
static char *own_binary(struct build *build, const struct row *row)
{
    const char *text = value_text(row_given(row), "binary");
    struct scope scope = {.build = build, .self = row};
    char *fault = NULL;
    char *expanded = text ? placeholders_expand(text, scope_value, &scope, &fault) : NULL;
    free(fault);
    return expanded;
}

static const char *flag_of(const struct plan_flags *flags, const struct role_traits *traits)
{
    const struct {
        const char *flag;
        const char *value;
    } given[] = {{"--mongo-bin", flags->mongo_bin},
                 {"--python-bin", flags->python_bin},
                 {"--ollama-bin", flags->ollama_bin}};
    for (size_t i = 0; traits->binary_flag && i < sizeof(given) / sizeof(given[0]); i++)
        if (strcmp(given[i].flag, traits->binary_flag) == 0)
            return given[i].value;
    return NULL;
}

static void find_program(struct build *build, struct row *row)
{
    const struct role_traits *traits = role_traits_of(row->role);
    if (!traits->binary_names || value_of(row_given(row), "command"))
        return;
    char *own = own_binary(build, row);
    struct binary_wish wish = {.world = build->world,
                               .flag = flag_of(build->flags, traits),
                               .from_profile = own,
                               .profile_folder = build->profile_folder,
                               .resources_dir = build->plan->resources_dir,
                               .home = settings_home(build)};
    binary_find(traits, &wish, &row->binary);
    free(own);
    if (row->binary.path && row->binary.ignored)
        strings_take(&build->plan->notices, text_format("%s: %s, which is not there; %s is used", row->name,
                                                        row->binary.ignored, row->binary.path));
    if (!row->binary.path && !row->binary.not_executable && traits->remote_without_binary)
        row->remote = row->binary_missing = true;
}

void rows_find_places(struct build *build)
{
    for (size_t i = 0; i < build->row_count; i++) {
        struct row *row = &build->rows[i];
        if (!row->absent && role_traits_of(row->role)->follows_base_url)
            follow_base_url(build, row);
        if (!row->absent && !row->remote)
            find_program(build, row);
    }
}

static void tell_missing_binary(struct build *build, const struct row *row)
{
    const struct role_traits *traits = role_traits_of(row->role);
    char *searched = strings_join(&row->binary.searched, ", ");
    char *where = url_without_user(row->url);
    strings_take(
        &build->plan->notices,
        text_format("%s: no %s was found, so it is taken to run elsewhere, at %s (searched: %s); %s, or name "
                    "it with %s, %s or sidecars.%s.binary",
                    row->name, traits->binary_names[0], where, searched, traits->install, traits->binary_flag,
                    traits->binary_variable, row->name));
    free(where);
    free(searched);
}

static char *url_elsewhere(const struct build *build, const struct row *row)
{
    const struct role_traits *traits = role_traits_of(row->role);
    const char *variable =
        traits->url_variable ? strings_variable(build->world->environment, traits->url_variable) : NULL;
    if (traits->remote[build->plan->mode] && build->plan->backend_url)
        return memory_copy_text(build->plan->backend_url);
    return variable && *variable ? memory_copy_text(variable) : NULL;
}

void rows_set_urls(struct build *build)
{
    for (size_t i = 0; i < build->row_count; i++) {
        struct row *row = &build->rows[i];
        if (!row->url && (row->remote || row->absent))
            row->url = url_elsewhere(build, row);
        if (!row->url && row->has_port)
            row->url = text_format("%s://127.0.0.1:%d", role_traits_of(row->role)->scheme, row->port);
        if (row->binary_missing)
            tell_missing_binary(build, row);
    }
}

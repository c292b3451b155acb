#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "build.h"
#include "pattern.h"
#include "placeholders.h"
#include "values.h"

const char *settings_override(const struct build *build, const char *flag, const char *flag_name,
                              const char *variable, const char **source)
{
    if (flag) {
        *source = flag_name;
        return flag;
    }
    const char *value = strings_variable(build->world->environment, variable);
    *source = variable;
    return value && *value ? value : NULL;
}

bool settings_port(struct build *build, const struct role_traits *traits, int *port, const char **source)
{
    const struct plan_flags *flags = build->flags;
    const struct {
        const char *flag;
        const char *value;
    } given[] = {{"--web-port", flags->web_port},
                 {"--backend-port", flags->backend_port},
                 {"--mongo-port", flags->mongo_port},
                 {"--ollama-port", flags->ollama_port}};
    const char *flag = NULL;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        if (strcmp(given[i].flag, traits->port_flag) == 0)
            flag = given[i].value;
    const char *text = settings_override(build, flag, traits->port_flag, traits->port_variable, source);
    if (!text)
        return false;
    size_t digits = strspn(text, "0123456789");
    *port = digits > 0 && digits <= 5 && text[digits] == '\0' ? atoi(text) : -1;
    if (*port < 0 || *port > 65535) {
        struct document node = {.kind = DOCUMENT_TEXT, .text = (char *)text};
        char *got = document_describe(&node);
        problems_add(build->problems, *source, 0, 0, NULL, "expected an integer from 0 to 65535, got %s",
                     got);
        free(got);
        *port = 0;
    }
    return true;
}

const char *settings_home(const struct build *build)
{
    const char *home = strings_variable(build->world->environment, "HOME");
    if (!home || !*home)
        home = strings_variable(build->world->environment, "USERPROFILE");
    return home && *home ? home : NULL;
}

static char *path_from(const struct build *build, const char *folder, const char *path)
{
    const char *home = settings_home(build);
    char *expanded = path_expand_home(path, home ? home : "/");
    char *absolute = path_absolute(folder, expanded);
    free(expanded);
    return absolute;
}

char *settings_path(const struct build *build, const char *path)
{
    return path_from(build, build->profile_folder, path);
}

/* The text under key at the top of the profile, placeholders replaced; NULL where there is none. */
static char *expanded_text(struct build *build, const struct document *map, const struct document_path *path)
{
    const struct document *node = value_of(map, path->key);
    if (!node || node->kind != DOCUMENT_TEXT)
        return NULL;
    struct scope scope = {.build = build};
    char *fault = NULL;
    char *text = placeholders_expand(node->text, scope_value, &scope, &fault);
    if (!text)
        build_problem(build, node, path, "%s", fault);
    free(fault);
    return text;
}

/* Flag, variable, profile or fallback, as an absolute path; takes fallback. */
static char *folder_setting(struct build *build, const char *flag, const char *flag_name,
                            const char *variable, const char *key, char *fallback)
{
    const char *source = NULL;
    const char *given = variable ? settings_override(build, flag, flag_name, variable, &source) : NULL;
    if (given) {
        free(fallback);
        return path_from(build, build->world->current_folder, given);
    }
    struct document_path path = {.key = key};
    char *text = expanded_text(build, build->root, &path);
    if (!text)
        return fallback;
    char *folder = settings_path(build, text);
    free(text);
    free(fallback);
    return folder;
}

static void set_mode(struct build *build)
{
    struct plan *plan = build->plan;
    const char *source;
    const char *given = settings_override(build, build->flags->mode, "--mode", "APP_RUNTIME_MODE", &source);
    const char *own = value_text(build->root, "mode");
    enum mode own_mode = MODE_LOCAL_FULLSTACK;
    bool own_known = own && mode_from_name(own, &own_mode);
    plan->mode = own_mode;
    build->mode_known = own_known;
    if (given) {
        build->mode_known = mode_from_name(given, &plan->mode);
        if (!build->mode_known)
            problems_add(build->problems, source, 0, 0, NULL,
                         "expected local_fullstack or remote_slim, got \"%s\"", given);
    }
    const char *origin = value_text(build->root, "backend_origin");
    const char *wanted = own_mode == MODE_LOCAL_FULLSTACK ? "local" : "remote";
    if (own_known && origin && strcmp(origin, wanted) != 0) {
        struct document_path path = {.key = "backend_origin"};
        build_problem(build, document_get(build->root, "backend_origin"), &path,
                      "expected %s, because mode is %s, got \"%s\"", wanted, mode_name(own_mode), origin);
    }
}

static void set_app(struct build *build)
{
    const struct document *app = value_of(build->root, "app");
    const char *id = value_text(app, "id");
    struct document_path app_path = {.key = "app"};
    struct document_path name = {.parent = &app_path, .key = "name"};
    struct document_path version = {.parent = &app_path, .key = "version"};
    build->plan->app_id = memory_copy_text(id ? id : "project-qa-assistant");
    build->plan->app_version = expanded_text(build, app, &version);
    build->plan->app_name = expanded_text(build, app, &name);
}

static bool needs_home(const struct build *build)
{
    const char *data_dir = value_text(build->root, "data_dir");
    const char *source;
    if (settings_override(build, build->flags->data_dir, "--data-dir", "APP_DATA_DIR", &source))
        return false;
    return !data_dir || data_dir[0] == '~';
}

static void set_folders(struct build *build)
{
    struct plan *plan = build->plan;
    const struct plan_flags *flags = build->flags;
    if (!settings_home(build) && needs_home(build))
        problems_add(build->problems, "HOME", 0, 0, NULL,
                     "not set, expected the user's home folder (or --data-dir)");
    plan->profile_path = path_absolute(build->world->current_folder, build->file);
    build->profile_folder = path_folder(plan->profile_path);
    char *home_default = text_format("~/.%s", plan->app_id);
    plan->fallback_data_dir = settings_path(build, home_default);
    free(home_default);
    plan->workspace_root =
        folder_setting(build, flags->workspace_root, "--workspace-root", "PQA_WORKSPACE_ROOT",
                       "workspace_root", memory_copy_text(build->profile_folder));
    plan->data_dir = folder_setting(build, flags->data_dir, "--data-dir", "APP_DATA_DIR", "data_dir",
                                    memory_copy_text(plan->fallback_data_dir));
    plan->resources_dir = folder_setting(build, NULL, NULL, NULL, "resources_dir",
                                         path_join(plan->workspace_root, "resources"));
}

static bool is_http_url(const char *text)
{
    return pattern_fits("^https?://[^/?#\\s]+", text);
}

/* In local_fullstack the backend is where its port says; that is known only with the rows. */
static void set_backend_url(struct build *build)
{
    if (!build->mode_known || build->plan->mode != MODE_REMOTE_SLIM)
        return;
    const char *source;
    const char *given =
        settings_override(build, build->flags->backend_url, "--backend-url", "BACKEND_BASE_URL", &source);
    struct document_path path = {.key = "backend_url"};
    const struct document *node = document_get(build->root, "backend_url");
    if (given) {
        build->plan->backend_url = memory_copy_text(given);
        if (!is_http_url(given))
            problems_add(build->problems, source, 0, 0, NULL, "expected an http or https URL, got \"%s\"",
                         given);
    } else if (node) {
        build->plan->backend_url = expanded_text(build, build->root, &path);
        if (build->plan->backend_url && !is_http_url(build->plan->backend_url))
            build_problem(build, node, &path, "expected an http or https URL, got \"%s\"",
                          build->plan->backend_url);
    } else {
        const struct document *mode = document_get(build->root, "mode");
        build_problem(build, mode ? mode : build->root, &path,
                      "missing, expected the URL of the backend, because mode is remote_slim (here, in "
                      "BACKEND_BASE_URL or by --backend-url)");
    }
}

static void set_session(struct build *build)
{
    const char *session = strings_variable(build->world->environment, "DESKTOP_SESSION_ID");
    build->plan->session_id = session && *session
                                  ? memory_copy_text(session)
                                  : text_format("desktop-%lld", (long long)build->world->now_ms);
}

static char *optional_path(struct build *build, const struct document *map, const struct document_path *path)
{
    char *text = expanded_text(build, map, path);
    char *absolute = text ? settings_path(build, text) : NULL;
    free(text);
    return absolute;
}

static void set_diagnostics_and_control(struct build *build)
{
    struct plan *plan = build->plan;
    const struct document *diagnostics = value_of(build->root, "diagnostics");
    struct document_path diagnostics_path = {.key = "diagnostics"};
    struct document_path events = {.parent = &diagnostics_path, .key = "path"};
    plan->max_events = value_integer(diagnostics, "max_events", 200);
    plan->diagnostics_path = optional_path(build, diagnostics, &events);
    plan->diagnostics_sync_always = value_is(diagnostics, "sync", "always");
    const struct document *control = value_of(build->root, "control");
    struct document_path control_path = {.key = "control"};
    struct document_path socket = {.parent = &control_path, .key = "socket"};
    plan->control_socket = optional_path(build, control, &socket);
}

void settings_build(struct build *build)
{
    set_mode(build);
    set_app(build);
    set_folders(build);
    set_backend_url(build);
    set_session(build);
    set_diagnostics_and_control(build);
    build->plan->auto_restart = !build->flags->no_auto_restart;
}

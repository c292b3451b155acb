#include "plan.h"

#include <stdlib.h>
#include <string.h>

static const char *const desktop_names[] = {
    [MODE_LOCAL_FULLSTACK] = "desktop_local_fullstack",
    [MODE_REMOTE_SLIM] = "desktop_remote_slim",
};

static const char desktop_prefix[] = "desktop_";

const char *mode_desktop_name(enum mode mode)
{
    return desktop_names[mode];
}

const char *mode_name(enum mode mode)
{
    return desktop_names[mode] + strlen(desktop_prefix);
}

bool mode_from_name(const char *text, enum mode *mode)
{
    for (size_t i = 0; i < sizeof(desktop_names) / sizeof(desktop_names[0]); i++) {
        enum mode candidate = (enum mode)i;
        if (strcmp(text, mode_name(candidate)) != 0 && strcmp(text, mode_desktop_name(candidate)) != 0)
            continue;
        *mode = candidate;
        return true;
    }
    return false;
}

const char *role_name(enum role role)
{
    static const char *const names[] = {
        [ROLE_CUSTOM] = "custom", [ROLE_WEB] = "web",       [ROLE_BACKEND] = "backend",
        [ROLE_MONGO] = "mongo",   [ROLE_OLLAMA] = "ollama",
    };
    return names[role];
}

static void sidecar_finish(struct sidecar_plan *sidecar)
{
    free(sidecar->name);
    free(sidecar->title);
    free(sidecar->url);
    strings_finish(&sidecar->command);
    free(sidecar->cwd);
    strings_finish(&sidecar->env);
    strings_finish(&sidecar->inherit_env);
    strings_finish(&sidecar->without_env);
    strings_finish(&sidecar->create_folders);
    strings_finish(&sidecar->required_paths);
    for (size_t i = 0; i < sidecar->dependency_count; i++)
        free(sidecar->dependencies[i].name);
    free(sidecar->dependencies);
    probe_plan_finish(&sidecar->ready);
    probe_plan_finish(&sidecar->live);
    free(sidecar->restart.success_exit_codes);
    free(sidecar->stop.http_path);
    strings_finish(&sidecar->stop.command);
    strings_finish(&sidecar->logs.redact);
    error_finish(&sidecar->launch_error);
}

void plan_finish(struct plan *plan)
{
    free(plan->app_id);
    free(plan->app_name);
    free(plan->app_version);
    free(plan->profile_path);
    free(plan->child_profile_path);
    free(plan->child_profile_text);
    free(plan->workspace_root);
    free(plan->data_dir);
    free(plan->fallback_data_dir);
    free(plan->resources_dir);
    free(plan->session_id);
    free(plan->backend_url);
    free(plan->diagnostics_path);
    free(plan->control_socket);
    for (size_t i = 0; i < plan->sidecar_count; i++)
        sidecar_finish(&plan->sidecars[i]);
    free(plan->sidecars);
    strings_finish(&plan->notices);
    *plan = (struct plan){0};
}

const struct sidecar_plan *plan_find(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->sidecar_count; i++)
        if (strcmp(plan->sidecars[i].name, name) == 0)
            return &plan->sidecars[i];
    return NULL;
}

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "build.h"
#include "env_file.h"
#include "values.h"

/* The profile's own variables over those of role and file, which keep their places. */
static void lay_over(struct strings *env, const struct document *own)
{
    struct strings before = *env;
    *env = (struct strings){0};
    for (size_t i = 0; i < before.count; i++) {
        char *name = memory_copy_bytes(before.items[i], strcspn(before.items[i], "="));
        const char *value = value_text(own, name);
        if (value)
            strings_take(env, text_format("%s=%s", name, value));
        else
            strings_add(env, before.items[i]);
        free(name);
    }
    for (size_t i = 0; own && i < own->count; i++) {
        const struct document_member *member = &own->members[i];
        if (member->value->kind == DOCUMENT_TEXT && !strings_variable(&before, member->key))
            strings_take(env, text_format("%s=%s", member->key, member->value->text));
    }
    strings_finish(&before);
}

static void surround(struct build *build, const struct row *row, const struct document *document,
                     struct role_launch *launch)
{
    struct sidecar_plan *sidecar = launch->sidecar;
    role_traits_of(row->role)->surroundings(launch);
    const char *cwd = value_text(document, "cwd");
    if (cwd || !sidecar->cwd) {
        free(sidecar->cwd);
        sidecar->cwd = cwd ? settings_path(build, cwd) : memory_copy_text(build->profile_folder);
    }
    const char *env_file = value_text(document, "env_file");
    if (env_file) {
        char *path = settings_path(build, env_file);
        env_file_read(path, sidecar);
        free(path);
    }
    lay_over(&sidecar->env, value_of(document, "env"));
}

static void not_found(const struct row *row, const struct binary *binary, const char *name,
                      const char *install, struct error *error)
{
    if (binary->not_executable) {
        error_set(error, ERROR_NOT_EXECUTABLE, "%s cannot be executed", binary->not_executable);
        error_remedy(error, "make it executable (chmod +x) or name another program in sidecars.%s",
                     row->name);
    } else {
        error_set(error, ERROR_BINARY_NOT_FOUND, "the program %s was not found", name);
        error_remedy(error, "%s", install);
    }
    strings_copy(&error->searched, &binary->searched);
}

/* The role's own command, or the profile's in its place. */
static void set_role_command(const struct row *row, struct role_launch *launch)
{
    const struct role_traits *traits = role_traits_of(row->role);
    launch->binary = row->binary.path ? row->binary.path : traits->binary_names[0];
    launch->bundled = row->binary.bundled;
    traits->command(launch);
    if (row->binary.path || launch->sidecar->launch_error.code)
        return;
    char *flag = traits->binary_flag ? text_format("%s, %s or ", traits->binary_flag, traits->binary_variable)
                                     : memory_copy_text("");
    char *install = text_format("%s, or name it with %ssidecars.%s.binary", traits->install, flag, row->name);
    not_found(row, &row->binary, launch->binary, install, &launch->sidecar->launch_error);
    free(install);
    free(flag);
}

static void set_own_command(struct build *build, const struct row *row, const struct document *document,
                            struct sidecar_plan *sidecar)
{
    value_texts(document, "command", &sidecar->command);
    if (sidecar->command.count == 0) /* its items are at fault, and were reported */
        return;
    const char *binary_text = value_text(document, "binary");
    char *own = binary_text ? settings_path(build, binary_text) : NULL;
    const char *word = own ? own : sidecar->command.items[0];
    const char *search_path = strings_variable(&sidecar->env, "PATH");
    if (!search_path)
        search_path = strings_variable(build->world->environment, "PATH");
    struct binary binary = {0};
    binary_find_command(word, sidecar->cwd, search_path, build->world, &binary);
    char *install = text_format("install it, or write its whole path in sidecars.%s.%s", row->name,
                                own ? "binary" : "command");
    if (!binary.path && !sidecar->launch_error.code)
        not_found(row, &binary, word, install, &sidecar->launch_error);
    char *program = memory_copy_text(binary.path ? binary.path : word);
    free(sidecar->command.items[0]);
    sidecar->command.items[0] = program;
    free(install);
    free(own);
    binary_finish(&binary);
}

static void check_cwd(const struct build *build, struct sidecar_plan *sidecar)
{
    if (build->world->is_folder(sidecar->cwd))
        return;
    error_set(&sidecar->launch_error, ERROR_MISSING_PATH, "its folder %s is not there", sidecar->cwd);
    error_remedy(&sidecar->launch_error,
                 "create it, or set workspace_root (--workspace-root, PQA_WORKSPACE_ROOT) or sidecars.%s.cwd",
                 sidecar->name);
}

static void check_required_paths(const struct build *build, struct sidecar_plan *sidecar)
{
    for (size_t i = 0; i < sidecar->required_paths.count && !sidecar->launch_error.code; i++) {
        const char *path = sidecar->required_paths.items[i];
        if (build->world->is_file(path) || build->world->is_folder(path))
            continue;
        error_set(&sidecar->launch_error, ERROR_MISSING_PATH, "%s is not there", path);
        error_remedy(&sidecar->launch_error,
                     "build or install %s first (such as by npm run build, or use --web-dev)", sidecar->name);
    }
}

/* What a backend is told about the model server; NULL: there is none. */
static char *ollama_host_for_children(const struct build *build)
{
    const struct row *row = row_find(build, role_traits_of(ROLE_OLLAMA)->name);
    if (row->absent)
        return NULL;
    return row->remote ? memory_copy_text(row->url) : text_format("127.0.0.1:%d", row->port);
}

static const char *url_of(const struct build *build, enum role role)
{
    const char *url = row_find(build, role_traits_of(role)->name)->url;
    return url ? url : "";
}

static void set_command(struct build *build, const struct row *row, const struct document *document,
                        struct role_launch *launch)
{
    const struct document *command = document_get(document, "command");
    if (command && command->kind == DOCUMENT_LIST && command->count > 0)
        set_own_command(build, row, document, launch->sidecar);
    else if (!command && role_traits_of(row->role)->binary_names)
        set_role_command(row, launch);
    value_texts(document, "args", &launch->sidecar->command);
}

void launch_build(struct build *build, const struct row *row, const struct document *document,
                  struct sidecar_plan *sidecar)
{
    char *ollama_host = ollama_host_for_children(build);
    const char *models_text = value_text(document, "models_dir");
    char *models_dir = models_text ? settings_path(build, models_text) : NULL;
    struct role_launch launch = {.plan = build->plan,
                                 .sidecar = sidecar,
                                 .bundled = row->binary.bundled,
                                 .web_dev = build->flags->web_dev,
                                 .has_args = value_of(document, "args") != NULL,
                                 .models_dir = models_dir,
                                 .backend_url = url_of(build, ROLE_BACKEND),
                                 .mongo_uri = url_of(build, ROLE_MONGO),
                                 .ollama_host = ollama_host,
                                 .ollama_model = value_text(value_of(build->root, "llm_defaults"), "model")};
    surround(build, row, document, &launch);
    check_cwd(build, sidecar);
    set_command(build, row, document, &launch);
    struct strings required = {0};
    value_texts(document, "requires", &required);
    for (size_t i = 0; i < required.count; i++)
        strings_take(&sidecar->required_paths, settings_path(build, required.items[i]));
    strings_finish(&required);
    check_required_paths(build, sidecar);
    if (row->has_port && row->port == 0 && !row->port_at_fault && !sidecar->launch_error.code)
        error_set(&sidecar->launch_error, ERROR_PORT_TAKEN, "no free port could be had");
    if (sidecar->ready.kind == PROBE_EXEC && !sidecar->ready.cwd)
        sidecar->ready.cwd = memory_copy_text(sidecar->cwd);
    if (sidecar->live.kind == PROBE_EXEC && !sidecar->live.cwd)
        sidecar->live.cwd = memory_copy_text(sidecar->cwd);
    free(models_dir);
    free(ollama_host);
}

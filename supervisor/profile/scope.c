#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/suggest.h"
#include "base/text.h"
#include "build.h"
#include "placeholders.h"

static char *unknown(const char *name, char **fault)
{
    static const char *const names[] = {"port",           "ports.NAME",  "url.NAME",      "data_dir",
                                        "workspace_root", "profile_dir", "resources_dir", "user_data",
                                        "app.id",         "app.version", "env.NAME"};
    size_t count = sizeof(names) / sizeof(names[0]);
    const char *near = suggest_name(name, names, count);
    struct text text = {0};
    text_printf(&text, "unknown placeholder '${%.40s}'", name);
    if (near)
        text_printf(&text, ", did you mean '${%s}'?", near);
    for (size_t i = 0; !near && i < count; i++)
        text_printf(&text, "%s${%s}",
                    i == 0           ? ", expected one of "
                    : i + 1 == count ? " or "
                                     : ", ",
                    names[i]);
    *fault = text_take(&text);
    return NULL;
}

/* value is NULL where only a later step knows it. */
static char *known(const char *value, const char *name, char **fault)
{
    if (value)
        return memory_copy_text(value);
    *fault = strcmp(name, "app.version") == 0
                 ? memory_copy_text("no value for '${app.version}', expected 'app.version' in the profile")
                 : text_format("'${%s}' cannot be used here, expected it in a sidecar", name);
    return NULL;
}

static char *user_data_folder(const struct build *build)
{
    const struct strings *environment = build->world->environment;
    const char *home = settings_home(build);
    const char *platform = binary_platform();
    const char *variable =
        strings_variable(environment, strncmp(platform, "win32", 5) == 0 ? "LOCALAPPDATA" : "XDG_DATA_HOME");
    bool mac = strncmp(platform, "darwin", 6) == 0;
    if (variable && *variable && !mac)
        return memory_copy_text(variable);
    return path_join(home ? home : "/", mac ? "Library/Application Support" : ".local/share");
}

static char *from_environment(const struct scope *scope, const char *name, char **fault)
{
    const struct build *build = scope->build;
    const char *fallback = strstr(name, ":-");
    char *variable = fallback ? memory_copy_bytes(name, (size_t)(fallback - name)) : memory_copy_text(name);
    const char *value = strings_variable(build->world->environment, variable);
    char *found = NULL;
    if (fallback)
        found = memory_copy_text(value && *value ? value : fallback + 2);
    else if (value || scope->lenient)
        found = memory_copy_text(value ? value : "");
    else
        *fault =
            text_format("the environment has no %s, expected it, or a default as in '${env.%s:-default}'",
                        variable, variable);
    free(variable);
    return found;
}

static struct row *named_row(const struct build *build, const char *name, const char *placeholder,
                             char **fault)
{
    struct row *row = build->rows ? row_find(build, name) : NULL;
    if (row)
        return row;
    const char *near = build->rows ? row_suggest(build, name) : NULL;
    *fault =
        near ? text_format("unknown sidecar '%s' in '${%s}', did you mean '%s'?", name, placeholder, near)
             : text_format("unknown sidecar '%s' in '${%s}', expected the name of one", name, placeholder);
    return NULL;
}

static char *port_of(const struct row *row, const char *placeholder, char **fault)
{
    if (row->has_port)
        return text_format("%d", row->port);
    *fault =
        text_format("sidecar '%s' has no port for '${%s}', expected 'port' in it", row->name, placeholder);
    return NULL;
}

static char *url_of(const struct row *row, const char *placeholder, char **fault)
{
    if (row->url || row->port_at_fault)
        return memory_copy_text(row->url ? row->url : "");
    *fault =
        text_format("sidecar '%s' has no URL for '${%s}', expected 'port' in it", row->name, placeholder);
    return NULL;
}

char *scope_value(void *context, const char *name, char **fault)
{
    const struct scope *scope = context;
    const struct plan *plan = scope->build->plan;
    const struct {
        const char *name;
        const char *value;
    } simple[] = {{"data_dir", plan->data_dir},
                  {"workspace_root", plan->workspace_root},
                  {"resources_dir", plan->resources_dir},
                  {"profile_dir", scope->build->profile_folder},
                  {"app.id", plan->app_id},
                  {"app.version", plan->app_version}};
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
        if (strcmp(simple[i].name, name) == 0)
            return known(simple[i].value, name, fault);
    if (strcmp(name, "user_data") == 0)
        return user_data_folder(scope->build);
    if (strncmp(name, "env.", 4) == 0 && name[4])
        return from_environment(scope, name + 4, fault);
    if (strcmp(name, "port") == 0)
        return scope->self ? port_of(scope->self, name, fault) : known(NULL, name, fault);
    if (strncmp(name, "ports.", 6) == 0) {
        const struct row *row = named_row(scope->build, name + 6, name, fault);
        return row ? port_of(row, name, fault) : NULL;
    }
    if (strncmp(name, "url.", 4) == 0) {
        const struct row *row = named_row(scope->build, name + 4, name, fault);
        return row ? url_of(row, name, fault) : NULL;
    }
    return unknown(name, fault);
}

static void expand_text(struct scope *scope, struct document *node, const struct document_path *path)
{
    if (!strchr(node->text, '$'))
        return;
    char *fault = NULL;
    char *expanded = placeholders_expand(node->text, scope_value, scope, &fault);
    if (expanded) {
        free(node->text);
        node->text = expanded;
        return;
    }
    build_problem(scope->build, node, path, "%s", fault);
    free(fault);
    node->kind = DOCUMENT_INVALID;
}

void scope_expand(struct scope *scope, struct document *node, const struct document_path *path)
{
    if (node->kind == DOCUMENT_INVALID)
        return;
    if (node->kind == DOCUMENT_TEXT)
        expand_text(scope, node, path);
    for (size_t i = 0; i < node->count; i++) {
        struct document_path child = {.parent = path, .key = node->members[i].key, .index = i};
        scope_expand(scope, node->members[i].value, &child);
    }
}

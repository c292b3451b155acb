#include "plan_text.h"

#include <stdlib.h>

#include "base/text.h"
#include "plan/plan.h"
#include "table.h"

static const char *const heads[] = {"NAME", "ROLE", ">PORT", "WAITS FOR", "COMMAND"};

static const char *condition_name(enum dependency_condition condition)
{
    switch (condition) {
    case DEPENDENCY_STARTED:
        return "started";
    case DEPENDENCY_READY:
        return "ready";
    case DEPENDENCY_COMPLETED:
        return "completed";
    }
    return "?";
}

static char *dependencies_cell(const struct sidecar_plan *sidecar)
{
    if (sidecar->dependency_count == 0)
        return NULL;
    struct text cell = {0};
    for (size_t i = 0; i < sidecar->dependency_count; i++)
        text_printf(&cell, "%s%s %s", i > 0 ? ", " : "", sidecar->dependencies[i].name,
                    condition_name(sidecar->dependencies[i].condition));
    return text_take(&cell);
}

static char *command_cell(const struct sidecar_plan *sidecar)
{
    if (sidecar->remote)
        return text_format("(remote: %s)", sidecar->url ? sidecar->url : "probed where it is");
    return strings_join(&sidecar->command, " ");
}

void plan_text(const struct plan *plan, size_t width, struct text *out)
{
    text_printf(out, "mode            %s\n", mode_name(plan->mode));
    text_printf(out, "profile         %s\n", plan->profile_path ? plan->profile_path : "-");
    text_printf(out, "data_dir        %s\n", plan->data_dir);
    text_printf(out, "workspace_root  %s\n\n", plan->workspace_root ? plan->workspace_root : "-");
    struct table table;
    table_init(&table, heads, sizeof(heads) / sizeof(*heads));
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        const struct sidecar_plan *sidecar = &plan->sidecars[i];
        table_add(&table, sidecar->name);
        table_add(&table, role_name(sidecar->role));
        table_take(&table, sidecar->port ? text_format("%d", sidecar->port) : NULL);
        table_take(&table, dependencies_cell(sidecar));
        table_take(&table, command_cell(sidecar));
    }
    table_print(&table, width, out);
    table_finish(&table);
}

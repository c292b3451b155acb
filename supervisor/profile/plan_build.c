#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "build.h"
#include "private.h"

void build_problem(struct build *build, const struct document *node, const struct document_path *path,
                   const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&message, format, arguments);
    va_end(arguments);
    char *where = document_path_text(path);
    problems_add(build->problems, build->file, node->line, node->column, where, "%s", text_get(&message));
    free(where);
    text_finish(&message);
}

/* Children read JSON: of a YAML profile they get a copy. */
static void set_child_profile(const struct profile *profile, struct plan *plan)
{
    if (profile->format == DOCUMENT_JSON) {
        plan->child_profile_path = memory_copy_text(plan->profile_path);
        return;
    }
    plan->child_profile_path = path_join(plan->data_dir, "runtime/profile.json");
    cJSON *json = profile_to_json(profile);
    char *printed = cJSON_Print(json);
    plan->child_profile_text = text_format("%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(json);
}

static void set_ports(const struct build *build)
{
    struct plan *plan = build->plan;
    plan->web_port = row_find(build, role_traits_of(ROLE_WEB)->name)->port;
    plan->backend_port = row_find(build, role_traits_of(ROLE_BACKEND)->name)->port;
    plan->mongo_port = row_find(build, role_traits_of(ROLE_MONGO)->name)->port;
    plan->ollama_port = row_find(build, role_traits_of(ROLE_OLLAMA)->name)->port;
    if (!plan->backend_url)
        plan->backend_url = memory_copy_text(row_find(build, role_traits_of(ROLE_BACKEND)->name)->url);
}

static void add_dependencies(const struct build *build, const struct row *row, struct sidecar_plan *sidecar)
{
    sidecar->dependencies = memory_new(row->edge_count, sizeof(*sidecar->dependencies));
    for (size_t i = 0; i < row->edge_count; i++) {
        const struct row *target = &build->rows[row->edges[i].target];
        if (target->absent)
            continue;
        sidecar->dependencies[sidecar->dependency_count++] =
            (struct dependency){.name = memory_copy_text(target->name),
                                .condition = row->edges[i].condition,
                                .by_default = row->edges[i].by_default};
    }
}

/* What this runtime lacks is read as well, for its faults. */
static void build_sidecars(struct build *build)
{
    struct sidecar_plan *built = memory_new(build->row_count, sizeof(*built));
    for (size_t i = 0; i < build->row_count; i++)
        sidecar_build(build, &build->rows[i], &built[i]);
    size_t *order = order_build(build);
    struct plan *plan = build->plan;
    struct plan absent = {.sidecars = memory_new(build->row_count, sizeof(*built))};
    plan->sidecars = memory_new(build->row_count, sizeof(*built));
    for (size_t i = 0; i < build->row_count; i++) {
        const struct row *row = &build->rows[order[i]];
        add_dependencies(build, row, &built[order[i]]);
        if (row->absent)
            absent.sidecars[absent.sidecar_count++] = built[order[i]];
        else
            plan->sidecars[plan->sidecar_count++] = built[order[i]];
    }
    plan_finish(&absent);
    free(order);
    free(built);
}

int plan_build(const struct profile *profile, const struct plan_flags *flags, const struct plan_world *world,
               struct plan *plan, struct problems *problems)
{
    size_t before = problems->count;
    struct build build = {.root = profile->root,
                          .file = profile->path,
                          .flags = flags,
                          .world = world,
                          .plan = plan,
                          .problems = problems};
    *plan = (struct plan){0};
    settings_build(&build);
    rows_list(&build);
    rows_set_ports(&build);
    rows_find_places(&build);
    rows_pick_ports(&build);
    rows_set_urls(&build);
    set_child_profile(profile, plan);
    set_ports(&build);
    build_sidecars(&build);
    rows_finish(&build);
    free(build.profile_folder);
    problems_sort(problems);
    if (problems->count == before)
        return 0;
    plan_finish(plan);
    return ERROR_PROFILE_INVALID;
}

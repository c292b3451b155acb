#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "build.h"
#include "values.h"

/* Nobody reads hints by the hundred, and a hostile profile could ask for a million comparisons each. */
static const size_t most_problems_with_hints = 100;

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct named_row *)a)->name, ((const struct named_row *)b)->name);
}

struct row *row_find(const struct build *build, const char *name)
{
    struct named_row wanted = {.name = name};
    const struct named_row *found =
        bsearch(&wanted, build->rows_by_name, build->row_count, sizeof(wanted), compare_names);
    return found ? &build->rows[found->index] : NULL;
}

const char *row_suggest(const struct build *build, const char *name)
{
    if (build->problems->count > most_problems_with_hints)
        return NULL;
    const char **names = memory_new(build->row_count, sizeof(*names));
    for (size_t i = 0; i < build->row_count; i++)
        names[i] = build->rows[i].name;
    const char *near = suggest_name(name, names, build->row_count);
    free(names);
    return near;
}

const struct document *row_given(const struct row *row)
{
    return row->given && row->given->value->kind == DOCUMENT_MAP ? row->given->value : NULL;
}

static bool is_requested(const struct build *build, const struct row *row)
{
    return row->given || value_is(value_of(build->root, "llm_defaults"), "provider", row->name);
}

static bool lists_mode(const struct document *modes, enum mode mode)
{
    for (size_t i = 0; modes->kind == DOCUMENT_LIST && i < modes->count; i++) {
        const struct document *item = modes->members[i].value;
        enum mode listed;
        if (item->kind == DOCUMENT_TEXT && mode_from_name(item->text, &listed) && listed == mode)
            return true;
    }
    return false;
}

static const char *absence_of(const struct build *build, const struct row *row)
{
    const struct role_traits *traits = role_traits_of(row->role);
    const struct document *given = row_given(row);
    const struct document *modes = value_of(given, "modes");
    enum mode mode = build->plan->mode;
    bool own_row = traits->name && strcmp(traits->name, row->name) == 0;
    bool by_role = traits->launched[mode] || (traits->remote[mode] && own_row);
    if (!value_flag(given, "enabled", true))
        return "is disabled";
    if (traits->on_request && own_row && !is_requested(build, row))
        return "is not asked for by this profile";
    if (!(modes ? lists_mode(modes, mode) : by_role))
        return mode == MODE_REMOTE_SLIM ? "is no part of mode remote_slim"
                                        : "is no part of mode local_fullstack";
    return NULL;
}

static void set_role(struct build *build, struct row *row)
{
    enum role by_name = role_of_name(row->name);
    const struct document *given = row_given(row);
    const char *text = value_text(given, "role");
    row->role = text ? role_of_name(text) : by_name;
    if (by_name == ROLE_CUSTOM || row->role == by_name)
        return;
    struct document_path sidecars = {.key = "sidecars"};
    struct document_path name = {.parent = &sidecars, .key = row->name};
    struct document_path role = {.parent = &name, .key = "role"};
    build_problem(build, document_get(given, "role"), &role, "expected %s, the role of that name, got \"%s\"",
                  row->name, text);
    row->role = by_name;
}

static void add_row(struct build *build, const char *name, const struct document_member *given)
{
    struct row *row = &build->rows[build->row_count++];
    *row = (struct row){.name = name, .given = given};
    set_role(build, row);
    row->absent = absence_of(build, row);
    row->remote = !row->absent && role_traits_of(row->role)->remote[build->plan->mode];
}

void rows_list(struct build *build)
{
    const struct document *sidecars = value_of(build->root, "sidecars");
    size_t given = sidecars && sidecars->kind == DOCUMENT_MAP ? sidecars->count : 0;
    size_t roles = sizeof(roles_in_order) / sizeof(roles_in_order[0]);
    build->rows = memory_new(given + roles, sizeof(*build->rows));
    for (size_t i = 0; i < roles; i++) {
        const char *name = role_traits_of(roles_in_order[i])->name;
        const struct document_member *member = document_member(sidecars, name);
        add_row(build, name, member && member->value->kind != DOCUMENT_NULL ? member : NULL);
    }
    for (size_t i = 0; i < given; i++) {
        const struct document_member *member = &sidecars->members[i];
        if (member->value->kind != DOCUMENT_NULL && role_of_name(member->key) == ROLE_CUSTOM)
            add_row(build, member->key, member);
    }
    build->rows_by_name = memory_new(build->row_count, sizeof(*build->rows_by_name));
    for (size_t i = 0; i < build->row_count; i++)
        build->rows_by_name[i] = (struct named_row){.name = build->rows[i].name, .index = i};
    qsort(build->rows_by_name, build->row_count, sizeof(*build->rows_by_name), compare_names);
}

void rows_finish(struct build *build)
{
    for (size_t i = 0; i < build->row_count; i++) {
        struct row *row = &build->rows[i];
        free(row->port_origin.path);
        free(row->url);
        free(row->edges);
        binary_finish(&row->binary);
    }
    free(build->rows);
    free(build->rows_by_name);
}

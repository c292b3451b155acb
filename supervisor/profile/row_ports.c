#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "build.h"
#include "values.h"

static void take_port(struct build *build, struct row *row, const struct document *value, const char *parent,
                      const char *key)
{
    row->has_port = true;
    row->port_written = true;
    row->port_at_fault = value->kind != DOCUMENT_NUMBER;
    row->port = row->port_at_fault ? 0 : (int)value->number;
    row->port_origin = (struct origin){.file = build->file, .line = value->line, .column = value->column};
    struct document_path top = {.key = parent};
    struct document_path child = {.parent = &top, .key = key};
    struct document_path port = {.parent = &child, .key = "port"};
    row->port_origin.path = document_path_text(strcmp(parent, "sidecars") == 0 ? &port : &child);
}

static void set_port(struct build *build, struct row *row)
{
    const struct role_traits *traits = role_traits_of(row->role);
    bool own_row = traits->name && strcmp(traits->name, row->name) == 0;
    const struct document *given = document_get(row_given(row), "port");
    const struct document *listed = document_get(value_of(build->root, "local_ports"), row->name);
    const char *source;
    if (own_row && settings_port(build, traits, &row->port, &source)) {
        row->has_port = true;
        row->port_written = true;
        row->port_origin.file = source;
    } else if (given) {
        take_port(build, row, given, "sidecars", row->name);
    } else if (listed) {
        take_port(build, row, listed, "local_ports", row->name);
    } else {
        row->has_port = traits->port != 0;
        row->port = traits->port;
        row->port_origin = (struct origin){.file = build->file,
                                           .line = row->given ? row->given->line : build->root->line,
                                           .column = row->given ? row->given->column : build->root->column};
        row->port_origin.path =
            row->given ? text_format("sidecars.%s", row->name) : text_format("local_ports.%s", row->name);
    }
}

static bool takes_port(const struct row *row)
{
    return !row->absent && !row->remote && row->has_port && row->port > 0;
}

/* Of two that want one port: a default is blamed least, a flag or variable most, else what stands later. */
static int blame_of(const struct row *row)
{
    return !row->port_written ? 0 : row->port_origin.line > 0 ? 1 : 2;
}

static bool stands_later(const struct row *row, const struct row *other)
{
    if (blame_of(row) != blame_of(other))
        return blame_of(row) > blame_of(other);
    const struct origin *at = &row->port_origin;
    const struct origin *before = &other->port_origin;
    return at->line > before->line || (at->line == before->line && at->column >= before->column);
}

static void report_same_port(struct build *build, const struct row *one, const struct row *two)
{
    const struct row *blamed = stands_later(two, one) ? two : one;
    const struct row *other = blamed == two ? one : two;
    const struct origin *at = &blamed->port_origin;
    problems_add(build->problems, at->file, at->line, at->column, at->path,
                 "%d is the port of '%s' already, expected a port of its own for '%s'", blamed->port,
                 other->name, blamed->name);
}

static void check_same_ports(struct build *build)
{
    struct row **holders = memory_new(65536, sizeof(*holders));
    for (size_t i = 0; i < build->row_count; i++) {
        struct row *row = &build->rows[i];
        if (!takes_port(row))
            continue;
        if (holders[row->port])
            report_same_port(build, holders[row->port], row);
        else
            holders[row->port] = row;
    }
    free(holders);
}

static void check_listed_names(struct build *build)
{
    const struct document *listed = value_of(build->root, "local_ports");
    for (size_t i = 0; listed && i < listed->count; i++) {
        const struct document_member *member = &listed->members[i];
        if (member->value->kind == DOCUMENT_INVALID || row_find(build, member->key))
            continue;
        const char *near = row_suggest(build, member->key);
        struct document_path top = {.key = "local_ports"};
        struct document_path child = {.parent = &top, .key = member->key};
        char *path = document_path_text(&child);
        problems_add(build->problems, build->file, member->line, member->column, path,
                     near ? "unknown sidecar, did you mean '%s'?"
                          : "unknown sidecar, expected web, backend, mongo, ollama or one of 'sidecars'%s",
                     near ? near : "");
        free(path);
    }
}

void rows_set_ports(struct build *build)
{
    for (size_t i = 0; i < build->row_count; i++)
        set_port(build, &build->rows[i]);
    check_same_ports(build);
    check_listed_names(build);
}

/* A free port is looked for only where something will listen on it and the document is good so far. */
void rows_pick_ports(struct build *build)
{
    for (size_t i = 0; i < build->row_count; i++) {
        struct row *row = &build->rows[i];
        if (!row->has_port || row->port != 0 || row->port_at_fault || row->absent)
            continue;
        if (row->remote) {
            row->port = role_traits_of(row->role)->port;
        } else if (build->problems->count == 0 && build->world->pick_port) {
            row->port = build->world->pick_port(build->plan->data_dir, row->name);
            row->port_picked = true;
        }
    }
}

/* One walk through the dependencies, deepest first, finds both the start order and the cycles. Without
 * recursion: a profile may chain as many sidecars as it likes. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "build.h"

enum colour { NOT_SEEN, ON_THE_WAY, DONE };

struct step {
    size_t row;
    size_t next_edge;
};

struct walk {
    struct build *build;
    enum colour *colours;
    struct step *way; /* from where the walk began to where it is */
    size_t length;
    size_t *order; /* rows, each behind those that it depends on */
    size_t ordered;
};

static const struct edge *edge_taken(const struct walk *walk, size_t step)
{
    const struct step *at = &walk->way[step];
    return &walk->build->rows[at->row].edges[at->next_edge - 1];
}

/* The way from `start` closes into a cycle. It is reported at the first of its dependencies that the profile
 * wrote: a default one has no place. */
static void report_cycle(const struct walk *walk, size_t start)
{
    struct build *build = walk->build;
    struct text cycle = {0};
    size_t blamed = walk->length - 1;
    for (size_t i = walk->length; i-- > start;)
        if (edge_taken(walk, i)->line > 0 && (edge_taken(walk, blamed)->line == 0 ||
                                              edge_taken(walk, i)->line <= edge_taken(walk, blamed)->line))
            blamed = i;
    /* Told from the blamed one on, so that the line reads from what it names. */
    size_t count = walk->length - start;
    for (size_t i = 0; i <= count; i++) {
        size_t step = start + (blamed - start + i) % count;
        text_printf(&cycle, "%s%s", i > 0 ? " -> " : "", build->rows[walk->way[step].row].name);
    }
    const struct edge *edge = edge_taken(walk, blamed);
    struct document_path sidecars = {.key = "sidecars"};
    struct document_path name = {.parent = &sidecars, .key = build->rows[walk->way[blamed].row].name};
    struct document_path depends = {.parent = &name, .key = "depends_on"};
    struct document_path target = {.parent = &depends, .key = build->rows[edge->target].name};
    char *path = document_path_text(&target);
    problems_add(build->problems, build->file, edge->line, edge->column, path,
                 "dependency cycle %s, expected none", text_get(&cycle));
    free(path);
    text_finish(&cycle);
}

static void enter(struct walk *walk, size_t row)
{
    walk->colours[row] = ON_THE_WAY;
    walk->way[walk->length++] = (struct step){.row = row};
}

static void take_edge(struct walk *walk, const struct edge *edge)
{
    if (walk->colours[edge->target] == NOT_SEEN) {
        enter(walk, edge->target);
    } else if (walk->colours[edge->target] == ON_THE_WAY) {
        size_t start = walk->length - 1;
        while (walk->way[start].row != edge->target)
            start--;
        report_cycle(walk, start);
    }
}

static void walk_from(struct walk *walk, size_t row)
{
    if (walk->colours[row] != NOT_SEEN)
        return;
    enter(walk, row);
    while (walk->length > 0) {
        struct step *at = &walk->way[walk->length - 1];
        const struct row *here = &walk->build->rows[at->row];
        if (at->next_edge < here->edge_count) {
            take_edge(walk, &here->edges[at->next_edge++]);
            continue;
        }
        walk->colours[at->row] = DONE;
        walk->order[walk->ordered++] = at->row;
        walk->length--;
    }
}

size_t *order_build(struct build *build)
{
    struct walk walk = {.build = build,
                        .colours = memory_new(build->row_count, sizeof(enum colour)),
                        .way = memory_new(build->row_count, sizeof(struct step)),
                        .order = memory_new(build->row_count, sizeof(size_t))};
    for (size_t i = 0; i < build->row_count; i++)
        walk_from(&walk, i);
    free(walk.way);
    free(walk.colours);
    return walk.order;
}

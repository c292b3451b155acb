#include "child_internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "platform/process_table.h"

void process_list_add(struct process_list *list, const struct process_info *info)
{
    list->items = memory_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = *info;
}

bool process_list_contains(const struct process_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].pid == pid)
            return true;
    return false;
}

void process_list_finish(struct process_list *list)
{
    free(list->items);
    *list = (struct process_list){0};
}

/* ---- orphans that this process has adopted ---- */

static int compare_pids(const void *a, const void *b)
{
    pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;
    return left < right ? -1 : left > right;
}

static void list_started(const struct reaper *reaper, struct pid_list *list)
{
    for (const struct child *child = reaper->children; child; child = child->next)
        if (!child->ended)
            pid_list_add(list, child->pid);
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_pids);
}

static bool contains_sorted(const struct pid_list *list, pid_t pid)
{
    return list->count > 0 && bsearch(&pid, list->items, list->count, sizeof(pid), compare_pids);
}

void reaper_list_orphans(struct reaper *reaper)
{
    struct pid_list ours = {0}, started = {0};
    struct process_info info;
    reaper->orphans.count = 0;
    process_children(getpid(), &ours);
    list_started(reaper, &started);
    for (size_t i = 0; i < ours.count; i++)
        if (!contains_sorted(&started, ours.items[i]) && process_read(ours.items[i], &info))
            process_list_add(&reaper->orphans, &info);
    pid_list_finish(&ours);
    pid_list_finish(&started);
}

/* ---- what belongs to one child ---- */

static enum process_answer came_from(const struct child *child, const struct process_info *orphan)
{
    if (orphan->session == child->pid || orphan->group == child->pid)
        return PROCESS_YES;
    return child->mark ? process_has_variable(orphan->pid, child->mark) : PROCESS_NO;
}

static void add_orphans(struct child *child, struct pid_list *tree)
{
    const struct process_list *orphans = &child->reaper->orphans;
    child->unclear = false;
    for (size_t i = 0; i < orphans->count; i++) {
        const struct process_info *orphan = &orphans->items[i];
        if (process_list_contains(&child->seen, orphan->pid))
            continue;
        enum process_answer answer = came_from(child, orphan);
        if (answer == PROCESS_YES)
            pid_list_add(tree, orphan->pid);
        child->unclear = child->unclear || answer == PROCESS_NOT_YET;
    }
}

/* Drops those that are no more. */
static void forget_dead(struct process_list *seen)
{
    size_t kept = 0;
    struct process_info info;
    for (size_t i = 0; i < seen->count; i++)
        if (process_read(seen->items[i].pid, &info) && info.start_time == seen->items[i].start_time)
            seen->items[kept++] = info;
    seen->count = kept;
}

static void remember(struct child *child, const struct pid_list *tree)
{
    struct process_info info;
    for (size_t i = 0; i < tree->count; i++)
        if (tree->items[i] != child->pid && !process_list_contains(&child->seen, tree->items[i]) &&
            process_read(tree->items[i], &info))
            process_list_add(&child->seen, &info);
}

void child_remember_descendants(struct child *child)
{
    struct pid_list tree = {0};
    pid_list_add(&tree, child->pid);
    process_add_descendants(&tree);
    remember(child, &tree);
    pid_list_finish(&tree);
}

void child_tree(struct child *child, struct pid_list *list)
{
    struct reaper *reaper = child->reaper;
    struct pid_list tree = {0};
    forget_dead(&child->seen);
    if (!child->ended)
        pid_list_add(&tree, child->pid);
    for (size_t i = 0; i < child->seen.count; i++)
        pid_list_add(&tree, child->seen.items[i].pid);
    /* Orphans before descendants: what becomes an orphan in between is still found below its parent. */
    if (!reaper->looking)
        reaper_list_orphans(reaper);
    add_orphans(child, &tree);
    process_add_descendants(&tree);
    remember(child, &tree);
    for (size_t i = 0; i < tree.count; i++)
        pid_list_add(list, tree.items[i]);
    pid_list_finish(&tree);
}

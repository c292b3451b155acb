#include "child_internal.h"

#include <unistd.h>

#include "platform/process_table.h"

/* A direct child of ours that was not started by us: whose tree did it come from? */
static bool came_from(const struct child *child, pid_t orphan)
{
    struct process_info info;
    if (!process_read(orphan, &info))
        return false;
    if (info.session == child->pid || info.group == child->pid)
        return true;
    return child->mark && process_has_variable(orphan, child->mark);
}

static bool is_started_here(const struct reaper *reaper, pid_t pid)
{
    for (const struct child *child = reaper->children; child; child = child->next)
        if (child->pid == pid && !child->ended)
            return true;
    return false;
}

void child_tree(struct child *child, struct pid_list *list)
{
    struct pid_list tree = {0};
    struct pid_list ours = {0};
    if (!child->ended)
        pid_list_add(&tree, child->pid);
    process_children(getpid(), &ours);
    for (size_t i = 0; i < ours.count; i++)
        if (!is_started_here(child->reaper, ours.items[i]) && came_from(child, ours.items[i]))
            pid_list_add(&tree, ours.items[i]);
    process_add_descendants(&tree);
    for (size_t i = 0; i < tree.count; i++)
        pid_list_add(list, tree.items[i]);
    pid_list_finish(&ours);
    pid_list_finish(&tree);
}

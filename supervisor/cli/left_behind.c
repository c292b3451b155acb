#include "left_behind.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

void left_behind_finish(struct left_behind *processes)
{
    free(processes->seen);
    *processes = (struct left_behind){0};
}

static bool was_seen(const struct left_behind *processes, const struct process_info *info)
{
    for (size_t i = 0; i < processes->count; i++)
        if (processes->seen[i].pid == info->pid && processes->seen[i].start_time == info->start_time)
            return true;
    return false;
}

void left_behind_look(struct left_behind *processes)
{
    struct pid_list below = {0};
    pid_list_add(&below, getpid());
    process_add_descendants(&below);
    for (size_t i = 0; i < below.count; i++) {
        struct process_info info;
        if (below.items[i] == getpid() || !process_read(below.items[i], &info) || was_seen(processes, &info))
            continue;
        processes->seen =
            memory_grow(processes->seen, processes->count, &processes->capacity, sizeof(*processes->seen));
        processes->seen[processes->count++] = info;
    }
    pid_list_finish(&below);
}

char *left_behind_text(struct left_behind *processes)
{
    left_behind_look(processes);
    struct text left = {0};
    for (size_t i = 0; i < processes->count; i++) {
        struct process_info now;
        const struct process_info *seen = &processes->seen[i];
        if (process_read(seen->pid, &now) && now.start_time == seen->start_time && now.state != 'Z')
            text_printf(&left, "%s%s (pid %ld)", left.length > 0 ? ", " : "still runs: ", now.name,
                        (long)now.pid);
    }
    return left.length > 0 ? text_take(&left) : NULL;
}

#include "sweep.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/text.h"
#include "ledger.h"
#include "platform/clock.h"
#include "platform/process_handle.h"
#include "platform/process_scan.h"
#include "platform/process_table.h"

static const char *noted_name(const struct ledger_record *record, const struct process_info *info)
{
    for (size_t i = 0; i < record->count; i++)
        if (record->entries[i].pid == info->pid && record->entries[i].start_time == info->start_time)
            return record->entries[i].name;
    return NULL;
}

/* Everything that is left of that runtime now. */
static void find_left(const struct ledger_record *record, const char *mark, struct pid_list *left)
{
    struct pid_list all = {0};
    process_scan(&all);
    for (size_t i = 0; i < all.count; i++) {
        struct process_info info;
        if (!process_read(all.items[i], &info) || info.state == 'Z')
            continue;
        if (noted_name(record, &info) || process_has_variable(info.pid, mark) == PROCESS_YES)
            pid_list_add(left, info.pid);
    }
    process_add_descendants(left);
    /* What descends from them may be what this process descends from: it was started by one of them. */
    size_t kept = 0;
    for (size_t i = 0; i < left->count; i++)
        if (pid_list_contains(&all, left->items[i]))
            left->items[kept++] = left->items[i];
    left->count = kept;
    pid_list_finish(&all);
}

static void tell(struct strings *list, const struct ledger_record *record, const struct process_info *info)
{
    const char *name = noted_name(record, info);
    char *process = process_text(info);
    char *line = text_format("%s%s%s", process, name ? " of " : "", name ? name : "");
    strings_add_once(list, line);
    free(line);
    free(process);
}

static void end_one(pid_t pid, const struct ledger_record *record, int wait_ms, struct swept *swept)
{
    struct process_info info;
    if (!process_read(pid, &info) || info.state == 'Z')
        return;
    int handle = process_handle_open(pid, info.start_time);
    if (handle < 0)
        return;
    int result = process_handle_signal(handle, SIGKILL);
    if (result == -EPERM) {
        tell(&swept->refused, record, &info);
    } else if (result == 0) {
        tell(&swept->processes, record, &info);
        process_await_end(handle, wait_ms);
    }
    process_handle_close(handle);
}

void sweep_left_behind(const char *ledger_path, struct swept *swept)
{
    struct ledger_record record;
    *swept = (struct swept){0};
    ledger_read(ledger_path, &record);
    if (!record.runtime_id)
        return;
    char *mark = text_format("SIDECARD_RUNTIME_ID=%s", record.runtime_id);
    int64_t until = clock_monotonic_ms() + SWEEP_MS;
    for (int64_t wait = SWEEP_MS; wait > 0; wait = until - clock_monotonic_ms()) {
        struct pid_list left = {0};
        size_t before = swept->processes.count;
        find_left(&record, mark, &left);
        for (size_t i = 0; i < left.count; i++)
            end_one(left.items[i], &record, (int)wait, swept);
        pid_list_finish(&left);
        /* A pass that ended nobody was the last. */
        if (swept->processes.count == before)
            break;
    }
    free(mark);
    ledger_record_finish(&record);
}

void swept_finish(struct swept *swept)
{
    strings_finish(&swept->processes);
    strings_finish(&swept->refused);
    *swept = (struct swept){0};
}

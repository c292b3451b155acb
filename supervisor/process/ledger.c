#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/file.h"
#include "files/files.h"
#include "platform/process_scan.h"
#include "platform/process_table.h"

#define HEADER "sidecard-ledger 1"

/* The file is written anew when it has so many lines, and twice as many as there are processes. */
#define TIDY_LINES 256

/* A file that is larger was not written by us. */
#define LARGEST_FILE (16 * 1024 * 1024)

struct ledger {
    char *path;
    char *header;
    int fd; /* -1: it cannot be written */
    struct ledger_record record;
    size_t lines; /* in the file */
};

static void add(struct ledger_record *record, pid_t pid, uint64_t start_time, const char *name, size_t length)
{
    record->entries =
        memory_grow(record->entries, record->count, &record->capacity, sizeof(*record->entries));
    record->entries[record->count++] =
        (struct ledger_entry){.pid = pid, .start_time = start_time, .name = memory_copy_bytes(name, length)};
}

void ledger_record_finish(struct ledger_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->entries[i].name);
    free(record->entries);
    free(record->runtime_id);
    *record = (struct ledger_record){0};
}

/* ---- writing ---- */

static void print_entry(struct text *text, const struct ledger_entry *entry)
{
    text_printf(text, "%ld %" PRIu64 " %s\n", (long)entry->pid, entry->start_time, entry->name);
}

static int begin_file(struct ledger *ledger, struct error *error)
{
    struct text text = {0};
    int64_t size;
    text_append(&text, ledger->header);
    for (size_t i = 0; i < ledger->record.count; i++)
        print_entry(&text, &ledger->record.entries[i]);
    file_close(ledger->fd);
    ledger->fd = -1;
    int result = files_write_whole(ledger->path, text.data, text.length, error);
    if (result == 0 && file_open_append(ledger->path, &ledger->fd, &size) < 0)
        result = error_set(error, ERROR_SYSTEM, "cannot open %s", ledger->path);
    ledger->lines = ledger->record.count;
    text_finish(&text);
    return result;
}

struct ledger *ledger_create(const char *path, const char *runtime_id, struct error *error)
{
    struct ledger *ledger = memory_new(1, sizeof(*ledger));
    char *boot_id = process_boot_id();
    ledger->fd = -1;
    ledger->path = memory_copy_text(path);
    ledger->header = text_format(HEADER " %s %s\n", boot_id ? boot_id : "unknown", runtime_id);
    free(boot_id);
    begin_file(ledger, error);
    return ledger;
}

static bool is_noted(const struct ledger *ledger, const struct process_info *info)
{
    for (size_t i = ledger->record.count; i-- > 0;)
        if (ledger->record.entries[i].pid == info->pid &&
            ledger->record.entries[i].start_time == info->start_time)
            return true;
    return false;
}

void ledger_note(struct ledger *ledger, pid_t pid, const char *name)
{
    struct process_info info;
    if (ledger->fd < 0 || !process_read(pid, &info) || is_noted(ledger, &info))
        return;
    add(&ledger->record, pid, info.start_time, name, strlen(name));
    struct text line = {0};
    size_t written;
    print_entry(&line, &ledger->record.entries[ledger->record.count - 1]);
    /* A disk that is full costs the sweep one process; what carries the runtime's id in its environment is
     * found anyway. */
    (void)file_write_all(ledger->fd, line.data, line.length, &written);
    text_finish(&line);
    ledger->lines++;
}

void ledger_tidy(struct ledger *ledger)
{
    struct ledger_record *record = &ledger->record;
    size_t kept = 0;
    if (ledger->lines < TIDY_LINES)
        return;
    for (size_t i = 0; i < record->count; i++) {
        struct process_info info;
        if (process_read(record->entries[i].pid, &info) && info.start_time == record->entries[i].start_time)
            record->entries[kept++] = record->entries[i];
        else
            free(record->entries[i].name);
    }
    record->count = kept;
    if (ledger->lines >= 2 * kept)
        begin_file(ledger, NULL);
}

void ledger_renew(struct ledger *ledger)
{
    begin_file(ledger, NULL);
}

void ledger_destroy(struct ledger *ledger)
{
    if (!ledger)
        return;
    file_close(ledger->fd);
    remove(ledger->path);
    ledger_record_finish(&ledger->record);
    free(ledger->path);
    free(ledger->header);
    free(ledger);
}

/* ---- reading ---- */

/* The line without its newline; false at the end, and for a last line that has none. */
static bool next_line(const char **at, const char **line, size_t *length)
{
    const char *end = strchr(*at, '\n');
    if (!end)
        return false;
    *line = *at;
    *length = (size_t)(end - *at);
    *at = end + 1;
    return true;
}

static bool read_header(const char *line, size_t length, struct ledger_record *record)
{
    char boot[64], id[128];
    char *copy = memory_copy_bytes(line, length);
    bool ours = sscanf(copy, HEADER " %63s %127s", boot, id) == 2;
    free(copy);
    char *now = process_boot_id();
    bool this_boot = ours && now && strcmp(now, boot) == 0;
    free(now);
    if (this_boot)
        record->runtime_id = memory_copy_text(id);
    return this_boot;
}

static void read_entry(const char *line, size_t length, struct ledger_record *record)
{
    long pid;
    uint64_t start_time;
    int name_at = 0;
    char *copy = memory_copy_bytes(line, length);
    if (sscanf(copy, "%ld %" SCNu64 " %n", &pid, &start_time, &name_at) == 2 && pid > 1 && name_at > 0)
        add(record, (pid_t)pid, start_time, copy + name_at, strlen(copy + name_at));
    free(copy);
}

void ledger_read(const char *path, struct ledger_record *record)
{
    char *data;
    size_t length;
    const char *line;
    *record = (struct ledger_record){0};
    if (files_read_whole(path, LARGEST_FILE, &data, &length, NULL) != 0)
        return;
    const char *at = data;
    if (next_line(&at, &line, &length) && read_header(line, length, record))
        while (next_line(&at, &line, &length))
            read_entry(line, length, record);
    free(data);
}

#include "process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* An environment is read in pieces; the kernel bounds the whole. */
#define PIECE 16384

void pid_list_finish(struct pid_list *list)
{
    free(list->items);
    *list = (struct pid_list){0};
}

void pid_list_add(struct pid_list *list, pid_t pid)
{
    list->items = memory_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = pid;
}

bool pid_list_contains(const struct pid_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == pid)
            return true;
    return false;
}

static ssize_t read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, buffer, size - 1);
    close(fd);
    if (got < 0)
        return -1;
    buffer[got] = '\0';
    return got;
}

static ssize_t read_proc(pid_t pid, const char *file, char *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
    return read_file(path, buffer, size);
}

bool process_read(pid_t pid, struct process_info *info)
{
    char stat[1024];
    if (read_proc(pid, "stat", stat, sizeof(stat)) <= 0)
        return false;
    /* The name may hold anything, ')' and spaces included: the last ')' ends it. */
    char *open_bracket = strchr(stat, '(');
    char *close_bracket = strrchr(stat, ')');
    if (!open_bracket || !close_bracket || close_bracket < open_bracket)
        return false;
    *info = (struct process_info){.pid = pid};
    *close_bracket = '\0';
    snprintf(info->name, sizeof(info->name), "%s", open_bracket + 1);
    long parent, group, session;
    unsigned long user, system;
    unsigned long long start_time;
    /* Fields 3 to 22 of proc(5). */
    int matched = sscanf(close_bracket + 1,
                         " %c %ld %ld %ld %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %llu",
                         &info->state, &parent, &group, &session, &user, &system, &start_time);
    if (matched != 7)
        return false;
    info->parent = (pid_t)parent;
    info->group = (pid_t)group;
    info->session = (pid_t)session;
    info->cpu_ticks = user + system;
    info->start_time = start_time;
    return true;
}

static void add_children_of_task(const char *path, struct pid_list *list)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    long pid;
    while (fscanf(file, "%ld", &pid) == 1)
        pid_list_add(list, (pid_t)pid);
    fclose(file);
}

void process_children(pid_t pid, struct pid_list *list)
{
    char path[128];
    snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return;
    /* The kernel keeps children by the thread that made them. */
    struct dirent *entry;
    while ((entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/children", (long)pid, entry->d_name);
        add_children_of_task(path, list);
    }
    closedir(tasks);
}

void process_add_descendants(struct pid_list *list)
{
    struct pid_list children = {0};
    for (size_t i = 0; i < list->count; i++) {
        children.count = 0;
        process_children(list->items[i], &children);
        for (size_t j = 0; j < children.count; j++)
            if (!pid_list_contains(list, children.items[j]))
                pid_list_add(list, children.items[j]);
    }
    pid_list_finish(&children);
}

static bool read_environment(pid_t pid, struct text *text)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char piece[PIECE];
    ssize_t got;
    while ((got = read(fd, piece, sizeof(piece))) > 0)
        text_append_bytes(text, piece, (size_t)got);
    close(fd);
    return got == 0;
}

struct program_layout {
    unsigned long code; /* 0 until its program is in place */
    unsigned long environment_start, environment_end;
};

/* Fields 26, 50 and 51 of proc(5). False where it has ended. */
static bool read_layout(pid_t pid, struct program_layout *layout)
{
    char stat[1024];
    char state;
    if (read_proc(pid, "stat", stat, sizeof(stat)) <= 0)
        return false;
    const char *close_bracket = strrchr(stat, ')');
    if (!close_bracket)
        return false;
    int matched = sscanf(close_bracket + 1,
                         " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d"
                         " %*u %*u %*d %*u %lu %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %*d"
                         " %*u %*u %*u %*u %*d %*u %*u %*u %*u %*u %lu %lu",
                         &state, &layout->code, &layout->environment_start, &layout->environment_end);
    return matched == 4 && state != 'Z' && state != 'X';
}

static enum process_answer search(const struct text *text, const char *pair)
{
    for (size_t at = 0; at < text->length; at += strlen(text->data + at) + 1)
        if (strcmp(text->data + at, pair) == 0)
            return PROCESS_YES;
    return PROCESS_NO;
}

/* One that executes its program reads as empty between the old and the new one, also when it is through right
 * after. */
#define EMPTY_READS 3

enum process_answer process_has_variable(pid_t pid, const char *pair)
{
    for (int i = 0; i < EMPTY_READS; i++) {
        struct text text = {0};
        struct program_layout layout;
        bool readable = read_environment(pid, &text);
        bool empty = text.length == 0;
        enum process_answer answer = search(&text, pair);
        text_finish(&text);
        if (!readable || !empty)
            return readable ? answer : PROCESS_NO;
        if (!read_layout(pid, &layout))
            return PROCESS_NO;
        if (layout.code == 0)
            break;
        if (layout.environment_start == layout.environment_end)
            return PROCESS_NO;
    }
    return PROCESS_NOT_YET;
}

char *process_text(const struct process_info *info)
{
    return text_format("%s (pid %ld)", info->name, (long)info->pid);
}

char *process_program(pid_t pid)
{
    struct process_info info;
    return process_read(pid, &info) ? memory_copy_text(info.name) : NULL;
}

int64_t process_resident_bytes(pid_t pid)
{
    char statm[256];
    long long pages;
    if (read_proc(pid, "statm", statm, sizeof(statm)) <= 0 || sscanf(statm, "%*d %lld", &pages) != 1)
        return 0;
    return pages * sysconf(_SC_PAGESIZE);
}

int process_open_files(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
    DIR *folder = opendir(path);
    if (!folder)
        return 0;
    int count = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            count++;
    closedir(folder);
    return count;
}

long process_ticks_per_second(void)
{
    return sysconf(_SC_CLK_TCK);
}

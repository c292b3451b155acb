#include "process_scan.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static void list_ancestors(struct pid_list *list)
{
    struct process_info info;
    for (pid_t pid = getpid(); pid > 0 && process_read(pid, &info); pid = info.parent)
        pid_list_add(list, pid);
}

void process_scan(struct pid_list *list)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return;
    struct pid_list ancestors = {0};
    list_ancestors(&ancestors);
    struct dirent *entry;
    while ((entry = readdir(proc)) != NULL) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid > 0 && *end == '\0' && !pid_list_contains(&ancestors, (pid_t)pid))
            pid_list_add(list, (pid_t)pid);
    }
    pid_list_finish(&ancestors);
    closedir(proc);
}

char *process_boot_id(void)
{
    char id[64] = {0};
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!file)
        return NULL;
    bool read = fgets(id, sizeof(id), file) != NULL;
    fclose(file);
    id[strcspn(id, "\n")] = '\0';
    return read && id[0] ? memory_copy_text(id) : NULL;
}

static bool ends_with_path(const char *argument, const char *path)
{
    size_t length = strlen(argument);
    size_t wanted = strlen(path);
    while (length > 1 && argument[length - 1] == '/')
        length--;
    return length >= wanted && memcmp(argument + length - wanted, path, wanted) == 0 &&
           (length == wanted || argument[length - wanted - 1] == '=' || argument[length - wanted - 1] == ':');
}

bool process_names_path(pid_t pid, const char *path)
{
    char file[64];
    char command[8192];
    snprintf(file, sizeof(file), "/proc/%ld/cmdline", (long)pid);
    FILE *stream = fopen(file, "re");
    if (!stream)
        return false;
    size_t length = fread(command, 1, sizeof(command) - 1, stream);
    fclose(stream);
    command[length] = '\0';
    for (size_t at = 0; at < length; at += strlen(command + at) + 1)
        if (ends_with_path(command + at, path))
            return true;
    return false;
}

bool process_await_end(int handle, int timeout_ms)
{
    struct pollfd poll_handle = {.fd = handle, .events = POLLIN};
    return poll(&poll_handle, 1, timeout_ms) == 1;
}

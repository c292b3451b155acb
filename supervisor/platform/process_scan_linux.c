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

bool process_await_end(int handle, int timeout_ms)
{
    struct pollfd poll_handle = {.fd = handle, .events = POLLIN};
    return poll(&poll_handle, 1, timeout_ms) == 1;
}

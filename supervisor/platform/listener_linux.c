#include "listener.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "process_table.h"

#define TCP_LISTEN 0x0A

struct found {
    unsigned long long inode;
    unsigned user;
    bool loopback;
    bool any;
};

/* As /proc/net/tcp writes them: words of the address in host order of a little-endian machine, as hexadecimal. */
static bool takes_loopback(const char *address, bool *only_loopback)
{
    static const char *const v4_any = "00000000";
    static const char *const v6_any = "00000000000000000000000000000000";
    static const char *const v6_loopback = "00000000000000000000000001000000";
    size_t length = strlen(address);
    if (strcmp(address, v4_any) == 0 || strcmp(address, v6_any) == 0) {
        *only_loopback = false;
        return true;
    }
    *only_loopback = true;
    if (length == 8)
        return strcmp(address + 6, "7F") == 0;
    return strcmp(address, v6_loopback) == 0;
}

static void search_table(const char *path, int port, struct found *found)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    char line[512];
    while (!found->any && fgets(line, sizeof(line), file)) {
        char address[64];
        unsigned local_port, state, user;
        unsigned long long inode;
        int matched = sscanf(line, " %*d: %63[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u %*d %llu", address,
                             &local_port, &state, &user, &inode);
        bool only_loopback;
        if (matched == 5 && (int)local_port == port && state == TCP_LISTEN && takes_loopback(address, &only_loopback))
            *found = (struct found){.inode = inode, .user = user, .loopback = only_loopback, .any = true};
    }
    fclose(file);
}

static bool holds_socket(const char *pid, unsigned long long inode)
{
    char path[300], target[64], wanted[64];
    snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
    snprintf(wanted, sizeof(wanted), "socket:[%llu]", inode);
    DIR *folder = opendir(path);
    if (!folder)
        return false;
    bool holds = false;
    struct dirent *entry;
    while (!holds && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, entry->d_name);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        if (length > 0) {
            target[length] = '\0';
            holds = strcmp(target, wanted) == 0;
        }
    }
    closedir(folder);
    return holds;
}

static void find_owner(unsigned long long inode, struct listener *listener)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return;
    struct dirent *entry;
    while (listener->pid == 0 && (entry = readdir(proc)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || !holds_socket(entry->d_name, inode))
            continue;
        listener->pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct process_info info;
        if (process_read(listener->pid, &info))
            snprintf(listener->program, sizeof(listener->program), "%s", info.name);
    }
    closedir(proc);
}

bool listener_find(int port, struct listener *listener)
{
    struct found found = {0};
    *listener = (struct listener){0};
    search_table("/proc/net/tcp", port, &found);
    if (!found.any)
        search_table("/proc/net/tcp6", port, &found);
    if (!found.any)
        return false;
    listener->user = found.user;
    listener->loopback = found.loopback;
    find_owner(found.inode, listener);
    return true;
}

char *listener_text(const struct listener *listener)
{
    if (listener->pid == 0)
        return text_format("a program of user %u", listener->user);
    return text_format("%s (pid %ld)", listener->program, (long)listener->pid);
}

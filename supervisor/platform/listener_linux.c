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

/* As /proc/net/tcp writes them: words of the address in host order of a little-endian machine, as
 * hexadecimal. */
static const struct {
    const char *address;
    bool only_loopback;
} takers[] = {
    {"00000000", false},                         /* 0.0.0.0 */
    {"0100007F", true},                          /* 127.0.0.1 */
    {"00000000000000000000000000000000", false}, /* :: */
    {"00000000000000000000000001000000", true},  /* ::1 */
    {"0000000000000000FFFF000000000000", false}, /* ::ffff:0.0.0.0 */
    {"0000000000000000FFFF00000100007F", true},  /* ::ffff:127.0.0.1, as Java binds it */
};

static bool takes_loopback(const char *address, bool *only_loopback)
{
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (strcmp(address, takers[i].address) != 0)
            continue;
        *only_loopback = takers[i].only_loopback;
        return true;
    }
    return false;
}

struct socket_row {
    char address[64];
    int port;
    unsigned user;
    unsigned long long inode;
};

/* The next socket of the table that listens; false at its end. */
static bool next_listening(FILE *file, struct socket_row *row)
{
    char line[512];
    while (fgets(line, sizeof(line), file)) {
        unsigned port, state;
        int matched = sscanf(line, " %*d: %63[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u %*d %llu",
                             row->address, &port, &state, &row->user, &row->inode);
        row->port = (int)port;
        if (matched == 5 && state == TCP_LISTEN)
            return true;
    }
    return false;
}

static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};

static void search_table(const char *path, int port, struct found *found)
{
    struct socket_row row;
    bool only_loopback;
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (!found->any && next_listening(file, &row))
        if (row.port == port && takes_loopback(row.address, &only_loopback))
            *found =
                (struct found){.inode = row.inode, .user = row.user, .loopback = only_loopback, .any = true};
    fclose(file);
}

static bool holds_socket(long pid, unsigned long long inode)
{
    char path[300], target[64], wanted[64];
    snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
    snprintf(wanted, sizeof(wanted), "socket:[%llu]", inode);
    DIR *folder = opendir(path);
    if (!folder)
        return false;
    bool holds = false;
    struct dirent *entry;
    while (!holds && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%ld/fd/%.20s", pid, entry->d_name);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        if (length > 0) {
            target[length] = '\0';
            holds = strcmp(target, wanted) == 0;
        }
    }
    closedir(folder);
    return holds;
}

static bool is_owner(pid_t pid, unsigned long long inode, struct listener *listener)
{
    if (!holds_socket((long)pid, inode))
        return false;
    struct process_info info;
    listener->pid = pid;
    if (process_read(pid, &info))
        snprintf(listener->program, sizeof(listener->program), "%s", info.name);
    return true;
}

static void find_owner(unsigned long long inode, struct listener *listener)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return;
    struct dirent *entry;
    bool found = false;
    while (!found && (entry = readdir(proc)) != NULL)
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            found = is_owner((pid_t)strtol(entry->d_name, NULL, 10), inode, listener);
    closedir(proc);
}

bool listener_find_among(int port, const struct pid_list *processes, struct listener *listener)
{
    struct found found = {0};
    *listener = (struct listener){0};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !found.any; i++)
        search_table(tables[i], port, &found);
    if (!found.any)
        return false;
    listener->user = found.user;
    listener->loopback = found.loopback;
    for (size_t i = 0; i < processes->count; i++)
        if (is_owner(processes->items[i], found.inode, listener))
            return true;
    find_owner(found.inode, listener);
    return true;
}

bool listener_find(int port, struct listener *listener)
{
    return listener_find_among(port, &(struct pid_list){0}, listener);
}

int listener_port_of(const struct pid_list *processes)
{
    struct socket_row row;
    int port = 0;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        FILE *file = fopen(tables[i], "re");
        if (!file)
            continue;
        while (port == 0 && next_listening(file, &row))
            for (size_t j = 0; j < processes->count && port == 0; j++)
                if (holds_socket((long)processes->items[j], row.inode))
                    port = row.port;
        fclose(file);
    }
    return port;
}

char *listener_text(const struct listener *listener)
{
    if (listener->pid == 0)
        return text_format("a program of user %u", listener->user);
    return text_format("%s (pid %ld)", listener->program, (long)listener->pid);
}

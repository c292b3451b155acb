
#include "peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool peer_of_socket(int fd, struct peer *peer)
{
    struct ucred credentials;
    socklen_t length = sizeof(credentials);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || length != sizeof(credentials))
        return false;
    *peer = (struct peer){.pid = credentials.pid, .uid = credentials.uid};
    return true;
}

bool peer_process_start(pid_t pid, int64_t *start)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char stat[1024];
    ssize_t length = read(fd, stat, sizeof(stat) - 1);
    close(fd);
    if (length <= 0)
        return false;
    stat[length] = '\0';
    /* The name in field 2 may hold spaces and brackets: the last bracket ends it. */
    const char *field = strrchr(stat, ')');
    for (int number = 2; field && number < 22; number++)
        field = strchr(field + 1, ' ');
    if (!field)
        return false;
    *start = strtoll(field, NULL, 10);
    return true;
}

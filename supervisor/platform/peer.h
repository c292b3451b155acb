/*
 * Who is at the other end of a Unix socket, and whether a process id still means the process that it meant.
 */
#ifndef SIDECARD_PLATFORM_PEER_H
#define SIDECARD_PLATFORM_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
    pid_t pid; /* 0 where the system does not tell */
    uid_t uid;
};

/* False where the system cannot tell: then nobody is to be let in. */
bool peer_of_socket(int fd, struct peer *peer);

/* When the process began, in the system's own unit (Linux: field 22 of its stat); false where there is none. A pid with
 * another start is another process. */
bool peer_process_start(pid_t pid, int64_t *start);

#endif

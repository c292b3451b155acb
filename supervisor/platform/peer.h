/* Who is at the other end of a Unix socket. */
#ifndef SIDECARD_PLATFORM_PEER_H
#define SIDECARD_PLATFORM_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    pid_t pid; /* 0 where the system does not tell */
    uid_t uid;
};

/* False where the system cannot tell: then nobody is to be let in. */
bool peer_of_socket(int fd, struct peer *peer);

#endif

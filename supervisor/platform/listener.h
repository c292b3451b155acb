/* Who listens on a TCP port of this machine. */
#ifndef SIDECARD_PLATFORM_LISTENER_H
#define SIDECARD_PLATFORM_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

struct listener {
    pid_t pid;         /* 0: it could not be read */
    char program[64];  /* "" with it */
    unsigned user;     /* its user's number, always */
    bool loopback;     /* bound to 127.0.0.0/8 or ::1 alone */
};

/* Whether a connection to port on 127.0.0.1 or ::1 would be taken; *listener says by whom, as far as it can be read. */
bool listener_find(int port, struct listener *listener);

/* "node (pid 4711)", or "a program of user 1000" where the pid cannot be read; owned by the caller. */
char *listener_text(const struct listener *listener);

#endif

/* Who listens on a TCP port of this machine. */
#ifndef SIDECARD_PLATFORM_LISTENER_H
#define SIDECARD_PLATFORM_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "process_table.h"

struct listener {
    pid_t pid;        /* 0: it could not be read */
    char program[64]; /* "" with it */
    unsigned user;    /* its user's number, always */
    bool loopback;    /* bound to 127.0.0.1 or ::1 alone */
};

/* Whether a connection to port on 127.0.0.1 or ::1 would be taken; *listener says by whom, as far as it can
 * be read. */
bool listener_find(int port, struct listener *listener);

/* The same, and the owner is looked for among these processes first: dear is only the look at all others. */
bool listener_find_among(int port, const struct pid_list *processes, struct listener *listener);

/* A port that one of these processes listens on; 0: none. */
int listener_port_of(const struct pid_list *processes);

/* "node (pid 4711)", or "a program of user 1000" where the pid cannot be read; owned by the caller. */
char *listener_text(const struct listener *listener);

#endif

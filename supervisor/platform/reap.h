/* The end of children: those that were started here, and orphans that were adopted (host_adopt_orphans). */
#ifndef SIDECARD_PLATFORM_REAP_H
#define SIDECARD_PLATFORM_REAP_H

#include <stdbool.h>
#include <sys/types.h>

struct ending {
    int code;   /* -1: a signal */
    int signal; /* 0: none */
};

/* A child that has ended and was not collected yet, if there is one. It stays a zombie, and its pid nobody
 * else's. */
bool reap_peek(pid_t *pid);

/* Collects it. False where it is no child of ours or has not ended. */
bool reap_collect(pid_t pid, struct ending *ending);

#endif

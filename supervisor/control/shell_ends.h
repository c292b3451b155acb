/*
 * The two ends of the channel on which a shell that started us talks: our stdin and stdout. They are moved
 * away from 0 and 1, so that nothing else in this process, and none of its children, can read what the shell
 * says or print between the answers.
 */
#ifndef SIDECARD_CONTROL_SHELL_ENDS_H
#define SIDECARD_CONTROL_SHELL_ENDS_H

#include <sys/types.h>

#include "base/error.h"

struct shell_ends {
    int input, output; /* pipes, sockets, files or terminals */
    pid_t shell;       /* for the feed; 0 where it is not known */
};

/* From now on 0 is empty and what is printed to 1 goes to stderr. ERROR_SYSTEM where stdin cannot be read
 * from or stdout cannot be written to. */
int shell_ends_claim(struct shell_ends *ends, pid_t shell, struct error *error);

#endif

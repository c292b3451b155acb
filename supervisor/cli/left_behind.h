/* Processes that were seen below this one, and what of them is still there. */
#ifndef SIDECARD_CLI_LEFT_BEHIND_H
#define SIDECARD_CLI_LEFT_BEHIND_H

#include <stddef.h>

#include "platform/process_table.h"

struct left_behind {
    struct process_info *seen;
    size_t count;
    size_t capacity;
};

void left_behind_finish(struct left_behind *processes);

/* Remembers everything that descends from this process now. */
void left_behind_look(struct left_behind *processes);

/* What was seen and still runs, and what descends from this process now, one line; owned by the caller. NULL:
 * nothing. */
char *left_behind_text(struct left_behind *processes);

#endif

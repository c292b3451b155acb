/* The process that started this one, and whether it still lives (lifecycle.md, --exit-with-parent). */
#ifndef SIDECARD_CLI_PARENT_H
#define SIDECARD_CLI_PARENT_H

#include <sys/types.h>

#include "base/error.h"

struct option_count;

/* main's first instruction: who starts us may end at any time after it, and pid 1 or another reaper take its
 * place. */
void parent_remember(void);

/* As it was then; 0 where nobody remembered it, or where it cannot be seen from here. */
pid_t parent_at_start(void);

/* A handle (platform/process_handle.h) for the process whose death is to end us: the one that the option
 * names, else the parent. ERROR_NOT_RUNNING where that is not, or no longer, our parent. */
int parent_open(const struct option_count *wanted, int *handle, struct error *error);

#endif

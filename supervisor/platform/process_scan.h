/* Looking over the whole machine: for what an earlier run of this program may have left. */
#ifndef SIDECARD_PLATFORM_PROCESS_SCAN_H
#define SIDECARD_PLATFORM_PROCESS_SCAN_H

#include <stdbool.h>

#include "process_table.h"

/* Adds every process that this user can see, but for this one and those that it descends from. */
void process_scan(struct pid_list *list);

/* What names this boot of the machine, owned by the caller; NULL where the system does not tell. A pid and a
 * start time mean a process only within one boot. */
char *process_boot_id(void);

/* Whether an argument of its command line is this path or ends with it, a final slash left aside. */
bool process_names_path(pid_t pid, const char *path);

/* Waits until the process behind the handle (process_handle.h) has ended, at most so long. Blocks. */
bool process_await_end(int handle, int timeout_ms);

#endif

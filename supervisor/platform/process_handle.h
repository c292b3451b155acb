/*
 * A process that cannot be mistaken for another one: a pidfd on Linux. A pid alone may have been recycled by
 * the time it is signalled; a handle from birth, or one opened and then checked against the start time, may
 * not.
 */
#ifndef SIDECARD_PLATFORM_PROCESS_HANDLE_H
#define SIDECARD_PLATFORM_PROCESS_HANDLE_H

#include <stdint.h>
#include <sys/types.h>

/* A descriptor for pid if it still is the process that began at start_time (process_table.h); else -1. */
int process_handle_open(pid_t pid, uint64_t start_time);

/* A descriptor for the process that pid names, if it is our parent now; else -1. It is readable once that
 * process has ended. */
int process_handle_open_parent(pid_t pid);

/* 0 or a negative errno. */
int process_handle_signal(int handle, int signal);

/* To the process group that handle leads. leader is its pid; it must not have been reaped yet, which keeps
 * the number of the group from being given to others. 0 or a negative errno. */
int process_handle_signal_group(int handle, pid_t leader, int signal);

void process_handle_close(int handle);

#endif

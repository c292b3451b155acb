/* What the system tells about processes that are not necessarily ours. */
#ifndef SIDECARD_PLATFORM_PROCESS_TABLE_H
#define SIDECARD_PLATFORM_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_info {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    char state;          /* 'Z' for a zombie, ... */
    uint64_t start_time; /* in ticks since boot: field 22 of /proc/PID/stat on Linux; with the pid it names a
                            process */
    uint64_t cpu_ticks;  /* user and system time */
    char name[64];
};

struct pid_list {
    pid_t *items;
    size_t count;
    size_t capacity;
};

void pid_list_finish(struct pid_list *list);
void pid_list_add(struct pid_list *list, pid_t pid);
bool pid_list_contains(const struct pid_list *list, pid_t pid);

/* False where there is no such process. */
bool process_read(pid_t pid, struct process_info *info);

/* Adds the direct children of pid. */
void process_children(pid_t pid, struct pid_list *list);

/* Adds everything that descends from the pids in the list and is not in it yet. One pass; what is born
 * meanwhile may be missed. */
void process_add_descendants(struct pid_list *list);

/* NOT_YET: it is executing its program at this moment, and for that moment it has no environment to read. */
enum process_answer { PROCESS_NO, PROCESS_YES, PROCESS_NOT_YET };

/* Whether the process was started with this "NAME=value" in its environment; PROCESS_NO also where we may not
 * read it. */
enum process_answer process_has_variable(pid_t pid, const char *pair);

/* "node (pid 4711)", owned by the caller. */
char *process_text(const struct process_info *info);

/* Its program for a person, such as "node"; owned by the caller, NULL where there is no such process. */
char *process_program(pid_t pid);

/* Resident set, bytes; 0 where it cannot be read. */
int64_t process_resident_bytes(pid_t pid);

/* Open descriptors; 0 where they cannot be counted. */
int process_open_files(pid_t pid);

/* Clock ticks a second, for cpu_ticks. */
long process_ticks_per_second(void);

#endif

/*
 * What one runtime has started, on disk, so that the next one can sweep what was left when everything of this
 * one was killed: its id, the boot that it belongs to, and each process with its start time.
 *
 * The file is text. Its first line is "sidecard-ledger 1 BOOT-ID RUNTIME-ID", each other line "PID START-TIME
 * NAME". It is written before anything is started. A line is one write, which a death of the process cannot
 * tear; after a power cut the boot is another one, and nothing in the file is looked at.
 */
#ifndef SIDECARD_PROCESS_LEDGER_H
#define SIDECARD_PROCESS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct ledger;

/* Begins the file anew for this runtime. Writing that fails is told once by error; the ledger then keeps
 * nothing. */
struct ledger *ledger_create(const char *path, const char *runtime_id, struct error *error);

/* A process of the sidecar's tree was started, or seen. What is in the ledger already is not written again.
 */
void ledger_note(struct ledger *ledger, pid_t pid, const char *name);

/* Drops what has ended, once the file has grown by much of it. */
void ledger_tidy(struct ledger *ledger);

/* Writes the file anew, whatever became of it. */
void ledger_renew(struct ledger *ledger);

/* Everything has ended: removes the file. Takes NULL. */
void ledger_destroy(struct ledger *ledger);

struct ledger_entry {
    pid_t pid;
    uint64_t start_time;
    char *name;
};

/* What a ledger says; zeroed where there is none, or where it is of another boot. */
struct ledger_record {
    char *runtime_id;
    struct ledger_entry *entries;
    size_t count;
    size_t capacity;
};

void ledger_read(const char *path, struct ledger_record *record);
void ledger_record_finish(struct ledger_record *record);

#endif

/*
 * The log files, read back for when no supervisor runs.
 */
#ifndef SIDECARD_LOGS_LOG_READER_H
#define SIDECARD_LOGS_LOG_READER_H

#include "base/error.h"
#include "base/strings.h"

struct cJSON;

/*
 * The newest `tail` lines (LOG_ALL_LINES: all) of folder/name.log and the old ones behind it, in the shape of
 * log_tail. seq is null; ts_ms and stream are null where the file does not have them (`format: text` has).
 * *result is owned by the caller. ERROR_MISSING_PATH where there is no such file.
 */
int logs_read_tail(const char *folder, const char *name, int tail, struct cJSON **result,
                   struct error *error);

/* Adds the names of all sidecars that have a file in folder, sorted; nothing where there is no folder. */
void logs_list(const char *folder, struct strings *names);

#endif

/* Lines of several logs in the order in which they came. Pure. */
#ifndef SIDECARD_CLI_LOG_MERGE_H
#define SIDECARD_CLI_LOG_MERGE_H

#include <stddef.h>

struct cJSON;

struct log_merge {
    const struct cJSON **next; /* of each log */
    size_t count;
};

/* results as from sidecar_logs: {lines: [...]}; NULL: none. They stay the caller's and must outlive the
 * merge. */
void log_merge_init(struct log_merge *merge, struct cJSON *const *results, size_t count);
void log_merge_finish(struct log_merge *merge);

/* The next line, and which log it is of; NULL at the end. Lines without a time (of files) come log by log. */
const struct cJSON *log_merge_next(struct log_merge *merge, size_t *from);

#endif

/*
 * The supervisor's own log: <data_dir>/logs/sidecard.log, and the newest lines under the reserved name
 * `sidecard` (events.md, 'Logs'). It has every event of its level and above, a line each, behind a head that
 * says what runs where.
 */
#ifndef SIDECARD_RUNTIME_OWN_LOG_H
#define SIDECARD_RUNTIME_OWN_LOG_H

#include <stdint.h>

#include "feed/event.h"
#include "logs/log.h"
#include "plan/plan.h"

#define OWN_LOG_NAME "sidecard"

struct own_log;

/* level: "debug" to "error"; NULL: what SIDECARD_LOG says, else info. */
struct own_log *own_log_create(const char *folder, const char *level, int64_t first_seq);

/* What runs where: version, mode, profile, data_dir, every binary. Once for each plan. */
void own_log_head(struct own_log *own_log, const struct plan *plan);

void own_log_event(struct own_log *own_log, const struct event *event);

/* The log itself, for whoever reads it. */
struct log *own_log_lines(struct own_log *own_log);

/* Takes NULL. */
void own_log_destroy(struct own_log *own_log);

#endif

/*
 * The threads that database probes block on, so that the loop never does: few, one job each, started when
 * they are needed. An answer may come when nobody waits for it any more; then it is thrown away.
 *
 * All functions are called on the loop's thread.
 */
#ifndef SIDECARD_PROBE_MONGO_WORKERS_H
#define SIDECARD_PROBE_MONGO_WORKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/strings.h"

#define MONGO_WORKER_COUNT 4

struct mongo_workers;
struct mongo_job;

/* On the loop's thread; reason is NULL where it passed and borrowed otherwise. The job is gone behind it. May
 * cancel and start jobs and destroy the workers. */
typedef void (*mongo_job_done)(void *context, bool passed, const char *reason);

struct mongo_workers *mongo_workers_create(uv_loop_t *loop);

/*
 * Every job must have been cancelled. Takes 50 ms at most: a thread that hangs in the driver is left to
 * itself, and frees what it holds when the driver's timeouts let it go.
 */
void mongo_workers_destroy(struct mongo_workers *workers);

/*
 * Asks the URIs one after the other until one answers; the next only while most of the time is left. NULL
 * where every thread still waits for an answer.
 */
struct mongo_job *mongo_job_start(struct mongo_workers *workers, const struct strings *uris, bool primary,
                                  int32_t timeout_ms, mongo_job_done done, void *context);

/* done is not called any more. NULL is fine. */
void mongo_job_cancel(struct mongo_job *job);

#endif

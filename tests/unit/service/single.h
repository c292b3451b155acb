/* One service by itself, event by event, on a clock that the test moves. */
#ifndef SIDECARD_TESTS_SINGLE_H
#define SIDECARD_TESTS_SINGLE_H

#include "service/service.h"

struct single {
    struct sidecar_plan plan;
    struct service service;
    struct service_actions actions; /* of the last event */
    int64_t now;
    bool met;
};

/* Standard settings, which the test may change before single_begin. */
void single_init(struct single *single);
void single_begin(struct single *single, bool auto_restart);
void single_finish(struct single *single);

void single_event(struct single *single, const struct service_event *event);
void single_tell(struct single *single, enum service_event_kind kind);

/* Sets the clock to the timer and delivers it. */
void single_expire(struct single *single);

/* Delivers what leads there. */
void single_launch(struct single *single);         /* from LOOKING to STARTING */
void single_start(struct single *single);          /* from STOPPED to STARTING */
void single_ready(struct single *single);          /* from STOPPED to READY */
void single_exit(struct single *single, int code); /* ends by itself, tree and all */
void single_fail_probe(struct single *single, int failures);

bool single_did(const struct single *single, enum service_action action);

#endif

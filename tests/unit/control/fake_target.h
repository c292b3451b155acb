/*
 * A runtime that is none: it answers by the name of the sidecar that is asked for. "now": at once. "later":
 * when the test says so. "none": no such sidecar. Used on the server's thread.
 */
#ifndef SIDECARD_TESTS_FAKE_TARGET_H
#define SIDECARD_TESTS_FAKE_TARGET_H

#include "control/target.h"

struct fake_target {
    struct request *held[4096];
    size_t held_count;
    int changes; /* requests that were noted */
    char last_noted[64];
    struct diagnostics_params last_diagnostics;
    _Atomic size_t status_padding; /* so many bytes more in the status; set by the test while the server runs */
};

struct control_target fake_target_table(struct fake_target *fake);

/* Answers what is held, the newest first. */
void fake_target_release(struct fake_target *fake);

#endif

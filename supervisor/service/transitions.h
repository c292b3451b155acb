/* Inside of `service`: the table of states by events. */
#ifndef SIDECARD_SERVICE_TRANSITIONS_H
#define SIDECARD_SERVICE_TRANSITIONS_H

#include "step.h"

typedef void transition(struct step *step);

/* Every cell is written: a test walks it. */
extern transition *const transition_handlers[SERVICE_STATE_COUNT][SERVICE_EVENT_COUNT];

#endif

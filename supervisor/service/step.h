/*
 * Inside of `service`: what the steps of the machine are made of. A step reads the event, changes the service
 * and appends actions; nothing else.
 */
#ifndef SIDECARD_SERVICE_STEP_H
#define SIDECARD_SERVICE_STEP_H

#include "service.h"

struct step {
    struct service *service;
    const struct service_event *event;
    struct service_actions *actions;
};

/* Whether one step may lead from one state to the other. */
bool transition_legal(enum service_state from, enum service_state to);

/* The one writer of state and timer; asserts that the step is legal. */
void step_enter(struct step *step, enum service_state state, int64_t timer_at);

void step_act(struct step *step, enum service_action action);

/* Keeps a copy as last_error where there is one. */
void step_set_error(struct service *service, const struct error *error);

/* A request made it wanted: nothing of its past counts. */
void step_want_afresh(struct service *service);

/* On to its next start: WAITING, or LOOKING where its dependencies are met. */
void step_go(struct step *step);

/* The same as a restart of the machine's own. */
void step_go_again(struct step *step);

/* STOPPED. */
void step_rest(struct step *step);

/* FAILED, until retry_after where the plan has one. */
void step_give_up(struct step *step);

/* Ends what runs as its plan says; state is STOPPING or ENDING. */
void step_end_tree(struct step *step, enum service_state state);

/* The same because somebody asked. */
void step_begin_stop(struct step *step);

/* A failure of its own: charges the budget and decides what follows once nothing of it is left. */
void step_decide(struct step *step);

/* Nothing of it is left: goes where step_decide said. */
void step_follow_outcome(struct step *step);

void step_record_exit(struct step *step, enum exit_reason reason);

/* Whether the exit counts as success by its plan. */
bool step_is_success(const struct service *service, const struct service_event *event);

#endif

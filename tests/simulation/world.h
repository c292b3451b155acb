/*
 * A world without processes and without time for a fleet to live in: it is the fleet's driver, answers its
 * actions after random virtual delays, and asks things of it in between. What it promises is the driver's
 * side of the bargain in service.h; checks.c holds the fleet to the other side.
 */
#ifndef SIDECARD_TESTS_WORLD_H
#define SIDECARD_TESTS_WORLD_H

#include "chance.h"
#include "random_plan.h"
#include "service/fleet.h"

#define NEVER       INT64_MAX
#define CHARGES_MAX 64

enum probing { PROBING_NOT, PROBING_READY, PROBING_LIVE, PROBING_WATCH };

/* What checks.c remembers of one sidecar, from what happened alone. */
struct memory {
    bool asked;                   /* wanted, by requests */
    bool well_once;               /* since it was asked */
    bool gave_up;                 /* failed, and not launched since */
    bool on_trial;                /* runs by the one try after that, and has not held for long enough */
    bool failure;                 /* it failed since its last launch, and nobody started it by hand, */
    int64_t failure_at;           /* then */
    int row;                      /* automatic restarts without a minute of ready between them */
    int64_t charges[CHARGES_MAX]; /* when the failures were that led to automatic restarts */
    size_t charge_count;
    int64_t ready_since; /* NEVER: it is not */
};

/* One sidecar as it is outside of the fleet. */
struct actor {
    struct service *service;
    int64_t look_due; /* NEVER: nobody looks */
    bool child;       /* its process runs */
    bool tree;        /* something of its tree is there */
    int64_t exit_due;
    int64_t gone_due;
    int exit_code; /* what it will end with by itself */
    bool ignores_stop;
    bool leaves_rest; /* its tree has to be killed */
    bool stopped;     /* ACTION_STOP_TREE came, */
    bool cleared;     /* ACTION_CLEAR_TREE */
    bool killed;      /* ACTION_KILL_TREE */
    enum probing probing;
    int64_t probe_due;
    int64_t answers_from;  /* probes pass from then on, */
    int64_t answers_until; /* until then */
    int failures;
    struct memory memory;
};

struct world {
    struct chance chance;
    uint64_t seed;
    bool calm; /* nothing fails, and nobody asks for anything but the start */
    bool verbose;
    int64_t now;
    int64_t request_due;
    struct plan plan;
    struct fleet_driver driver;
    struct fleet *fleet;
    struct actor actors[RANDOM_PLAN_MAX];
    size_t count;
    bool all_stopped;      /* the last request about the whole was stop_all, and nothing was started since */
    int64_t stop_deadline; /* all_stopped: nothing is left by then */
    uint64_t steps;
};

void world_init(struct world *world, uint64_t seed, bool verbose);
void world_finish(struct world *world);

/* Lives until so many things have happened or nothing more will; then stops everything and sees it gone. */
void world_run(struct world *world, uint64_t steps);

struct actor *world_actor(struct world *world, const struct service *service);

#endif

/*
 * What a service does next: a function of its state, an event and the time, which returns actions. It knows
 * no process, no clock and no file; a driver (runtime) carries the actions out and reports what came of them
 * as further events.
 *
 * Wanted against actual. A request changes what is wanted; the machine works towards it: a service that is
 * stopping and wanted starts anew once it is gone, which is what a restart is. The state says what is: see
 * state.h, and transitions.c for the one table of states by events.
 *
 *      STOPPED ──► WAITING ──► LOOKING ──► STARTING ──► READY ◄──► UNHEALTHY
 *                    ▲            │            │           │           │
 *                    │            ▼            ▼           ▼           ▼
 *                    │         ADOPTED      child ended by itself, or was ended for a failure
 *                    │                         │                       │
 *                    │                      CLEARING                ENDING
 *                    │                         └───────────┬───────────┘
 *                    └───────── BACKOFF ◄──────────────────┼──► FAILED, COMPLETED
 *
 *      from every state a stop leads over STOPPING (or at once, where nothing runs) to STOPPED.
 *
 * The driver's side of the bargain:
 *  - one event at a time, and the actions of one are carried out, in their order, before the next event;
 *  - ACTION_LAUNCH is answered at once by EVENT_LAUNCHED or EVENT_LAUNCH_FAILED, before any other event;
 *  - after EVENT_LAUNCHED come exactly one EVENT_EXITED and, behind it, exactly one EVENT_TREE_GONE;
 *  - results of a look or a probe that was called off, or that belong to an earlier start, are dropped
 *    before they get here (`start_number` tells; what already waits in the fleet's queue, the fleet drops);
 *  - every event says whether, at this moment, the dependencies are met;
 *  - when `timer_at` is reached, EVENT_TIMER. There is one timer, and the state says what it means.
 */
#ifndef SIDECARD_SERVICE_SERVICE_H
#define SIDECARD_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "budget.h"
#include "plan/plan.h"
#include "state.h"

#define SERVICE_NO_TIMER INT64_MAX

/* What remains of a tree whose child ended by itself is killed so long after it (lifecycle.md, 'The process
 * tree'). */
#define SERVICE_CLEAR_MS 1000

enum service_event_kind {
    EVENT_START,         /* wanted, by somebody's request: a full budget */
    EVENT_STOP,          /* not wanted; held: its dependants have to go first, another EVENT_STOP follows */
    EVENT_RESTART,       /* wanted, and anew where it runs */
    EVENT_FOLLOW,        /* what it depends on was started anew, and its plan says restart_with */
    EVENT_DEPENDENCIES,  /* news of what it depends on; error: what it waits for in vain */
    EVENT_LOOK_CLEAR,    /* nothing is in the way of a launch */
    EVENT_LOOK_HEALTHY,  /* somebody else serves it already: adopt */
    EVENT_LOOK_FAILED,   /* it cannot be launched, and trying again cannot help: error */
    EVENT_LAUNCHED,      /* pid */
    EVENT_LAUNCH_FAILED, /* the system refused: error, permanent or not */
    EVENT_PROBE_PASSED,
    EVENT_PROBE_FAILED, /* failures in a row; error says how */
    EVENT_STRANGER,     /* its probe passed, but it was somebody else who answered: error */
    EVENT_EXITED,       /* exit_code or exit_signal */
    EVENT_TREE_GONE,
    EVENT_TIMER,
    EVENT_HURRY, /* every grace is cut short */
    SERVICE_EVENT_COUNT
};

struct service_event {
    enum service_event_kind kind;
    int64_t now;               /* monotonic, ms */
    double chance;             /* in [0, 1): spreads the backoff */
    bool held;                 /* STOP */
    bool met;                  /* of every kind: what it depends on is there */
    bool permanent;            /* LAUNCH_FAILED */
    pid_t pid;                 /* LAUNCHED */
    int exit_code;             /* EXITED; -1 where a signal ended it */
    int exit_signal;           /* EXITED; 0 where it ended by itself */
    int failures;              /* PROBE_FAILED */
    const struct error *error; /* DEPENDENCIES, LOOK_FAILED, LAUNCH_FAILED, PROBE_FAILED, STRANGER; EXITED:
                                * what its end says; borrowed; NULL and code 0 mean none */
};

enum service_action {
    ACTION_LOOK,     /* begin to look whether it may be launched; the answer is an EVENT_LOOK_... */
    ACTION_LOOK_OFF, /* its answer is not wanted any more */
    ACTION_LAUNCH,
    ACTION_PROBE_READY, /* probe until it passes */
    ACTION_PROBE_LIVE,  /* probe for good */
    ACTION_PROBE_WATCH, /* probe what somebody else runs, for good */
    ACTION_PROBE_OFF,
    ACTION_STOP_TREE,  /* end it as its plan says; EXITED and TREE_GONE follow */
    ACTION_CLEAR_TREE, /* the child is gone: stop.signal to the rest of its tree */
    ACTION_KILL_TREE,  /* SIGKILL to all of it until none is left */
    /* What the feed is told; the service's fields have the particulars. */
    ACTION_TELL_WAITING,
    ACTION_TELL_STARTED,
    ACTION_TELL_READY,
    ACTION_TELL_UNHEALTHY,
    ACTION_TELL_HEALTHY,
    ACTION_TELL_EXITED,
    ACTION_TELL_RESTARTING,
    ACTION_TELL_RECOVERED,
    ACTION_TELL_FAILED,
    ACTION_TELL_STOPPING,
    ACTION_TELL_STOPPED,
    ACTION_TELL_ADOPTED,
    ACTION_TELL_LOST,
    ACTION_TELL_WAIT_OVER,
    ACTION_TELL_COMPLETED,
    ACTION_TELL_BUG /* an event that its state does not expect: bug_event */
};

#define SERVICE_MAX_ACTIONS 8

struct service_actions {
    enum service_action items[SERVICE_MAX_ACTIONS];
    size_t count;
};

/* Why the last child ended; the wire names are in events.md and control.md (`last_exit.reason`). */
enum exit_reason {
    EXIT_CLEAN,
    EXIT_FAILED,
    EXIT_SIGNAL,
    EXIT_OOM,
    EXIT_NOT_READY,
    EXIT_LIVE_PROBE,
    EXIT_REQUESTED,
    EXIT_LAUNCH_FAILED
};

struct exit_record {
    bool known; /* false: no child has ended yet */
    int code;   /* -1: a signal */
    int signal; /* 0: none */
    int64_t at; /* monotonic */
    int64_t uptime_ms;
    enum exit_reason reason;
};

/* Where CLEARING and ENDING lead once the tree is gone. */
enum service_outcome { OUTCOME_RESTART, OUTCOME_FAIL, OUTCOME_COMPLETE };

/* Readable by everybody, written by the functions below alone. */
struct service {
    const struct sidecar_plan *plan; /* borrowed */
    bool auto_restart;               /* false: --no-auto-restart */
    enum service_state state;
    bool wanted;
    bool well_once;   /* ready, adopted or completed since it was last asked to start */
    bool probation;   /* this start is the one try after retry_after, or the way back from FAILED */
    bool remote_well; /* REMOTE: its probe passes */
    bool probed_once; /* REMOTE: its probe has answered */
    bool wait_over;   /* REMOTE: a default wait for it is over, whether it answers or not */
    bool hurried;
    enum service_outcome outcome;   /* CLEARING, ENDING */
    enum exit_reason ending_reason; /* ENDING */
    struct budget budget;

    pid_t pid;                    /* 0: no child */
    bool tree;                    /* processes of its tree may be left */
    int start_number;             /* grows with each launch */
    int restarts;                 /* by the machine itself, since service_count_afresh */
    int64_t started_at, ready_at; /* monotonic; of the present child or, after its end, 0 */
    int64_t restart_at;      /* BACKOFF, CLEARING, ENDING with OUTCOME_RESTART: when the next start is due */
    int64_t last_restart_at; /* 0: never */
    int64_t timer_at;        /* SERVICE_NO_TIMER: none */

    struct exit_record last_exit;
    struct error last_error;  /* code 0: none, or resolved */
    struct error probe_error; /* STARTING: why the last attempt did not pass */
    enum service_event_kind bug_event;
};

void service_init(struct service *service, const struct sidecar_plan *plan, bool auto_restart);
void service_finish(struct service *service);

/* The one entry: what comes of the event. */
void service_handle(struct service *service, const struct service_event *event,
                    struct service_actions *actions);

/* Ready, adopted or completed (lifecycle.md, 'Well'); a remote one while its probe passes. */
bool service_well(const struct service *service);

/* A child of it runs, or something of its tree may be left. */
bool service_has_processes(const struct service *service);

/* It is on its way somewhere by itself: an answer to 'did it start?' has to wait. */
bool service_in_progress(const struct service *service);

/* Whether it would be restarted after a failure (`auto_restart` in its row). */
bool service_auto_restarts(const struct service *service);

/* Restarts are counted from now on; the budget is not touched. */
void service_count_afresh(struct service *service);

const char *exit_reason_name(enum exit_reason reason);

/* "exited with code 3", "was ended by SIGKILL"; owned by the caller. */
char *exit_record_text(const struct exit_record *record);

#endif

/* Inside of `runtime`: what its files share. */
#ifndef SIDECARD_RUNTIME_RUNTIME_INTERNAL_H
#define SIDECARD_RUNTIME_RUNTIME_INTERNAL_H

#include <uv.h>

#include "control/server.h"
#include "feed/feed.h"
#include "logs/log.h"
#include "logs/redactor.h"
#include "own_log.h"
#include "plan/plan.h"
#include "probe/attempt.h"
#include "probe/http_client.h"
#include "probe/prober.h"
#include "process/child.h"
#include "process/ledger.h"
#include "process/reaper.h"
#include "runtime.h"
#include "service/fleet.h"

struct jobs;
struct sampler;
struct waiters;

/* What a tree uses, as it was sampled last. */
struct usage {
    int64_t memory_bytes;
    double cpu_percent;
    int open_files;
    uint64_t cpu_ticks; /* of the whole tree, at sampled_at */
    int64_t sampled_at; /* monotonic; 0: never */
};

/* Who holds the socket that its ready probe asked. */
enum listener_kind { LISTENER_UNCHECKED, LISTENER_OWN, LISTENER_UNKNOWN };

/* One sidecar: its service, which decides, and what carries the decisions out. */
struct sidecar {
    struct runtime *runtime;
    const struct sidecar_plan *plan;
    struct service *service;
    struct child *child; /* NULL: nothing of it runs */
    struct prober *prober;
    struct probe_plan
        watch; /* of what somebody else runs: its ready probe in the live probe's rhythm; borrows */
    struct redactor *redactor; /* NULL: nothing is replaced */
    struct log *log;
    struct listener *log_listener;
    struct attempt *look;        /* whether somebody else serves it already */
    struct job *stop_job;        /* its stop command, */
    struct http_call *stop_call; /* or its stop request, under way */
    struct usage usage;
    enum listener_kind listener;
    int64_t elsewhere_at;       /* when it was last looked whether it listens elsewhere, */
    char *elsewhere;            /* and what was found; NULL: it does not */
    struct strings exit_stderr; /* the end of what its last child wrote to stderr */
};

enum runtime_phase {
    PHASE_SERVING,
    PHASE_SHUTTING, /* everything stops */
    PHASE_CLOSING,  /* nothing is left; the socket says its last words */
    PHASE_ENDED
};

struct runtime {
    uv_loop_t *loop;
    struct runtime_listener listener;
    struct launch launch;
    struct strings launch_texts; /* what launch points to */
    struct plan *plan;
    struct strings environment;
    char *folder;      /* <data_dir>/runtime, or the fallback's */
    char *logs_folder; /* beside it */
    char *id;          /* SIDECARD_RUNTIME_ID */
    int lock;
    bool cannot_be_found; /* what clients look for cannot be written; it was said once */
    enum runtime_phase phase;
    enum fleet_state last_state;
    int64_t opened_at;  /* wall clock */
    int64_t started_at; /* wall clock, of the last runtime_start; 0: not started */
    int64_t log_seq;    /* where the log lines of this supervisor begin */
    struct fleet_driver driver;
    struct fleet *fleet;
    struct sidecar *sidecars;
    size_t sidecar_count;
    struct redactor *redactor; /* for events; made anew with each plan */
    struct feed *feed;
    struct own_log *own_log;
    struct listener *feed_listener;
    struct reaper *reaper;
    struct ledger *ledger; /* of what was started, for the next start to sweep */
    struct probe_context *probes;
    struct jobs *jobs;
    struct http_client *http; /* made at its first use */
    struct control_server *server;
    struct waiters *waiters;
    struct sampler *sampler;
    int startup_percent; /* never goes back during one start */
    uint64_t chance;     /* the state of the generator that spreads delays */
    uv_timer_t timer;    /* the fleet's next */
    struct strings strays; /* found at the end, outside of every tree */
    int64_t strays_until;
    uv_timer_t end_timer;
};

/* runtime.c */
void runtime_take_plan(struct runtime *runtime, struct plan *plan);
void runtime_write_documents(struct runtime *runtime); /* what children and the next start read */
void runtime_drop_plan(struct runtime *runtime);
void runtime_want_all(struct runtime *runtime);

/* sidecar.c */
void sidecar_init(struct sidecar *sidecar, struct runtime *runtime, struct service *service);
void sidecar_finish(struct sidecar *sidecar);
struct sidecar *sidecar_of(struct runtime *runtime, const struct service *service);
struct sidecar *sidecar_find(struct runtime *runtime, const char *name);

/* Starts its child and posts what came of it. */
void sidecar_launch(struct sidecar *sidecar);

/* stopping.c: asks its tree to end, by the means of its plan. */
void stopping_begin(struct sidecar *sidecar);

/* Nothing of it is left: whatever was still asking is called off. */
void stopping_end(struct sidecar *sidecar);

/* look.c: whether it can be launched; posts the answer, perhaps later. */
void look_begin(struct sidecar *sidecar);
void look_cancel(struct sidecar *sidecar);

/* identity.c: whether it was its own tree that answered its ready probe; else error says who did. */
bool identity_check(struct sidecar *sidecar, struct error *error);

/* "web listens on 3001, expected 3000", owned by the caller; NULL: it does not listen elsewhere. */
char *identity_elsewhere(struct sidecar *sidecar);

/* driver.c: the fleet's actions. */
void driver_init(struct runtime *runtime);
void driver_prober_result(void *context, const struct prober_result *result);

/* redaction.c: what must not be kept, of one sidecar's output and of all events. NULL: nothing has to be
 * replaced. */
struct redactor *redaction_of_sidecar(const struct runtime *runtime, const struct sidecar_plan *plan);
struct redactor *redaction_of_events(const struct runtime *runtime);

/* announce.c: what the feed is told. */
void announce(struct sidecar *sidecar, enum service_action what);
void announce_state(struct runtime *runtime, enum fleet_state state);

/* exit_text.c: what an end means, in words; the error of EVENT_EXITED. The text is owned by the caller. */
char *exit_stderr_text(const struct sidecar *sidecar);
void exit_error(const struct sidecar *sidecar, int code, int signal, struct error *error);

/* folder.c: where the runtime's files are, made and checked; takes the lock. */
int folder_prepare(struct runtime *runtime, struct strings *notices, struct error *error);

/* Called every now and then: where the folder was removed, what others find the runtime by is made anew. */
void folder_tend(struct runtime *runtime);

/* sweeping.c: ends what an earlier runtime left, tells of it, and begins the ledger of this one. */
void sweeping_begin(struct runtime *runtime);

/* ending.c: after everything has stopped. */
void ending_begin(struct runtime *runtime);

/* status.c */
struct cJSON *status_row(struct sidecar *sidecar);
int64_t status_wall(int64_t monotonic_ms); /* the same moment in ms since 1970 */

/* startup.c: null while nothing starts; owned by the caller. */
struct cJSON *startup_json(struct runtime *runtime);

/* requests.c: what control asks. */
extern const struct control_operations runtime_control_operations;

/* waiters.c: requests that are answered when something has come about. */
enum waiter_goal {
    GOAL_STARTED,
    GOAL_STOPPED,
    GOAL_RESTARTED,
    GOAL_SHUT_DOWN,
    GOAL_SIDECAR_UP,
    GOAL_SIDECAR_DOWN
};
struct waiters *waiters_create(void);
void waiters_add(struct runtime *runtime, enum waiter_goal goal, struct sidecar *sidecar,
                 struct request *request);
void waiters_check(struct runtime *runtime);

/* Everything was stopped, or the plan is dropped: whoever waits for a start is told. */
void waiters_refuse_starts(struct runtime *runtime, const char *why);
void waiters_destroy(struct runtime *runtime);

/* sampler.c */
struct sampler *sampler_create(struct runtime *runtime);
void sampler_destroy(struct sampler *sampler);
double sampler_own_cpu_percent(const struct sampler *sampler);
int64_t sampler_own_resident_bytes(const struct sampler *sampler);

/* jobs.c: programs that run once, for exec probes and stop commands. */
struct job;
struct jobs *jobs_create(struct runtime *runtime);
void jobs_destroy(struct jobs *jobs);
struct probe_exec_host jobs_exec_host(struct jobs *jobs);
struct job *job_run(struct jobs *jobs, const struct strings *arguments, const char *folder,
                    void (*done)(void *context, int exit_code, int signal), void *context,
                    struct error *error);
void job_cancel(struct job *job);

#endif

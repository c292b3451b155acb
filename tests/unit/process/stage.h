/* A loop, a reaper and one child that does as it is told (daemon_fixture), and what is seen of it. */
#ifndef SIDECARD_TESTS_STAGE_H
#define SIDECARD_TESTS_STAGE_H

#include <uv.h>

#include "base/text.h"
#include "process/child.h"
#include "process/reaper.h"

struct stage {
    uv_loop_t loop;
    uv_timer_t watchdog;
    struct reaper *reaper;
    struct child *child; /* NULL once it is gone: destroyed in the callback */
    struct text output;  /* stdout */
    struct text errors;  /* stderr */
    int ends;            /* of its two streams */
    int exited;          /* how often it was told */
    int gone;
    int code;
    int signal;
    size_t output_at_exit;
    bool timed_out;
    bool clear_at_exit;  /* as the driver does: what is left gets SIGTERM */
    bool keep;           /* not destroyed in `gone` */
    const char *kill_at; /* child_kill from inside of the output callback that brings this */
};

void stage_init(struct stage *stage);

/* Fails where anything is left: a child, a process, a handle. */
void stage_finish(struct stage *stage);

/* Starts the fixture with the steps, which a NULL ends. */
void stage_start(struct stage *stage, ...);

/* Each runs the loop until it has come about, and fails the test where it does not within 20 s. */
void stage_await_output(struct stage *stage, const char *text);
void stage_await_exited(struct stage *stage);
void stage_await_gone(struct stage *stage);

/* Runs the loop for so long. */
void stage_pass(struct stage *stage, uint64_t ms);

/* The number behind the count-th "pid " of the output. */
pid_t stage_pid(const struct stage *stage, int count);

/* Whether there is such a process, zombies included. */
bool is_alive(pid_t pid);

#endif

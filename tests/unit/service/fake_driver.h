/* A fleet on a clock that the test moves, whose actions are written down and answered by the test. */
#ifndef SIDECARD_TESTS_FAKE_DRIVER_H
#define SIDECARD_TESTS_FAKE_DRIVER_H

#include "base/text.h"
#include "service/fleet.h"

#define FAKE_MAX 8

struct fake {
    struct plan plan;
    struct sidecar_plan sidecars[FAKE_MAX];
    struct dependency dependencies[FAKE_MAX][FAKE_MAX];
    struct fleet_driver driver;
    struct fleet *fleet;
    int64_t now;
    struct text log; /* "launch a, stop b, " in the order in which it was done */
    bool slow_looks; /* the test answers looks; else they are clear at once */
    int settled;
};

/* An empty plan; then what is in it, dependencies first; then fake_begin. */
void fake_init(struct fake *fake);
struct sidecar_plan *fake_add(struct fake *fake, const char *name);
void fake_depend(struct fake *fake, const char *name, const char *on, enum dependency_condition condition);
void fake_begin(struct fake *fake);
void fake_finish(struct fake *fake);

struct service *fake_service(struct fake *fake, const char *name);
enum service_state fake_state(struct fake *fake, const char *name);

/* Fails unless the log reads so; empties it. */
void fake_expect(struct fake *fake, const char *log);

void fake_tell(struct fake *fake, const char *name, enum service_event_kind kind);
void fake_ready(struct fake *fake, const char *name);

/* It ends by itself, or because it was told to: tree and all. */
void fake_exit(struct fake *fake, const char *name, int code);

/* Moves the clock and delivers what is due. */
void fake_pass(struct fake *fake, int64_t ms);

#endif

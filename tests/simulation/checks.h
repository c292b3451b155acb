/* What must hold, whatever happens. A check that fails says what, with the seed, and aborts. */
#ifndef SIDECARD_TESTS_CHECKS_H
#define SIDECARD_TESTS_CHECKS_H

#include "world.h"

#define CHECK(world, condition, actor, what)                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            check_failed(world, actor, what);                                                                \
    } while (0)

_Noreturn void check_failed(const struct world *world, const struct actor *actor, const char *what);

/* Somebody asked for it to run, directly or through a dependant; anew: a restart. */
void check_note_asked(struct actor *actor, bool anew);

/* It ended or was ended for a reason of its own. */
void check_note_failure(struct world *world, struct actor *actor);

/* Before its launch is answered. */
void check_launch(struct world *world, struct actor *actor);

/* Before its tree is ended. */
void check_stop_tree(const struct world *world, const struct actor *actor);

/* The fleet has settled. */
void check_settled(struct world *world);

/* Everything was stopped long enough ago. */
void check_all_stopped(const struct world *world);

/* Nothing was in its way: it is where it was asked to be. */
void check_calm(const struct world *world);

#endif

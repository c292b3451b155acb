/* Chance that repeats itself: the same seed, the same story. */
#ifndef SIDECARD_TESTS_CHANCE_H
#define SIDECARD_TESTS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

void chance_init(struct chance *chance, uint64_t seed);
uint64_t chance_next(struct chance *chance);

/* In [0, 1). */
double chance_fraction(struct chance *chance);

/* In [from, to], both included. */
int64_t chance_between(struct chance *chance, int64_t from, int64_t to);

/* True so many times in a hundred. */
bool chance_percent(struct chance *chance, int percent);

#endif

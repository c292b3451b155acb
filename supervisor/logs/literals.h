/*
 * Finds any of several fixed texts in bytes, without looking at most of them: the longer the shortest text,
 * the larger the steps. Every line of every sidecar passes here on its way to the disk. Pure.
 */
#ifndef SIDECARD_LOGS_LITERALS_H
#define SIDECARD_LOGS_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strings.h"

#define LITERAL_MIN_BYTES 4 /* a shorter one would black out ordinary words */
#define LITERAL_TABLE     4096

struct literals {
    struct strings texts;
    size_t shortest;
    size_t longest;
    uint8_t
        step[LITERAL_TABLE]; /* by the last two bytes under the window; 0: a text may end its window here */
};

/* Takes copies of those that are long enough; the rest is left out. */
void literals_init(struct literals *literals, const struct strings *texts);
void literals_finish(struct literals *literals);

/* The leftmost of them from `from` on, and of those that begin there the longest. */
bool literals_find(const struct literals *literals, const char *data, size_t length, size_t from,
                   size_t *start, size_t *end);

#endif

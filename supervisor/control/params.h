/*
 * Reading a request's params with an answer that names what is wrong: `limit: expected an integer, got
 * "abc"`. The first fault counts; getters after it give their fallbacks. A member that is null counts as
 * absent, one that nobody asks for is let be (newer clients may say more than we know).
 */
#ifndef SIDECARD_CONTROL_PARAMS_H
#define SIDECARD_CONTROL_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

struct params {
    const struct cJSON *object; /* NULL: none were given */
    char *fault;                /* NULL: all is well */
};

/* Params by position are a fault: every method here takes them by name. An empty array is no params. */
void params_init(struct params *params, const struct cJSON *given);
void params_finish(struct params *params);

bool params_has(const struct params *params, const char *name);
bool params_flag(struct params *params, const char *name, bool fallback);

/* An integer below 2^53; any such value: whoever asks clamps it or refuses it with params_refuse. */
int64_t params_integer(struct params *params, const char *name, int64_t fallback);

/* Borrowed from the request. NULL where it is absent. */
const char *params_text(struct params *params, const char *name);

/* As params_text, of these words alone. */
const char *params_choice(struct params *params, const char *name, const char *const *choices);

/* A text that has to be there and not empty. "" after a fault. */
const char *params_needed_text(struct params *params, const char *name);

void params_refuse(struct params *params, const char *name, const char *expected);

#endif

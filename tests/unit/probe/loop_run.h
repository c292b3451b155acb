/*
 * Runs a loop until something happened, in real time but not for long.
 */
#ifndef SIDECARD_TESTS_LOOP_RUN_H
#define SIDECARD_TESTS_LOOP_RUN_H

#include <stdbool.h>
#include <uv.h>

/* Until *flag is not 0; false where it took longer than limit_ms. */
bool loop_run_until(uv_loop_t *loop, const int *flag, int limit_ms);

/* For so long. */
void loop_run_for(uv_loop_t *loop, int milliseconds);

/* Until every handle is closed; fails the test where one is left open. */
void loop_finish(uv_loop_t *loop);

double now_in_ms(void);

#endif

/* What a supervisor cannot do without, seen to before anything is started: later their lack would end it. */
#ifndef SIDECARD_RUNTIME_MEANS_H
#define SIDECARD_RUNTIME_MEANS_H

#include <uv.h>

#include "base/error.h"

/* 0, with the threads of the loop's pool at work; else ERROR_SYSTEM, and error says what there is too little
 * of. */
int means_secure(uv_loop_t *loop, struct error *error);

#endif

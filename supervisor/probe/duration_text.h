#ifndef SIDECARD_PROBE_DURATION_TEXT_H
#define SIDECARD_PROBE_DURATION_TEXT_H

#include <stdint.h>

/* "250 ms", "2 s", "1.5 s": a duration as a person reads it; owned by the caller. */
char *duration_text(int64_t milliseconds);

#endif

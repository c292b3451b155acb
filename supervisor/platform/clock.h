#ifndef SIDECARD_PLATFORM_CLOCK_H
#define SIDECARD_PLATFORM_CLOCK_H

#include <stdint.h>

/* Milliseconds on a clock that never goes back and stands still while the machine sleeps. */
int64_t clock_monotonic_ms(void);

/* Milliseconds since 1970. */
int64_t clock_wall_ms(void);

/* Microseconds since 1970. */
int64_t clock_wall_us(void);

#endif

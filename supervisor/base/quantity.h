/* Durations and sizes as people write them. */
#ifndef SIDECARD_BASE_QUANTITY_H
#define SIDECARD_BASE_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* "500ms", "30s", "5m", "2h" and their sums from large to small, each unit once ("1m30s"); at most nine
 * digits a unit. "0" alone needs no unit. Milliseconds. */
bool quantity_duration(const char *text, int64_t *milliseconds);

/* "512KiB", "2GiB" (also B, MiB, TiB), or bytes alone; at most nine digits before a unit, six before TiB,
 * fifteen for bytes. */
bool quantity_size(const char *text, int64_t *bytes);

#endif

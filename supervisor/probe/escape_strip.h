#ifndef SIDECARD_PROBE_ESCAPE_STRIP_H
#define SIDECARD_PROBE_ESCAPE_STRIP_H

#include <stddef.h>

/*
 * Copies data to out, which has room for length bytes, without a terminal's escape sequences (ECMA-48: CSI,
 * OSC, DCS and the short ones) and returns how many bytes are left. out may be data itself. A sequence that
 * the end of the line cuts off is removed as well.
 */
size_t escape_strip(const char *data, size_t length, char *out);

#endif

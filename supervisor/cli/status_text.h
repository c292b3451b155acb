/* The status object as a table for people. Pure. */
#ifndef SIDECARD_CLI_STATUS_TEXT_H
#define SIDECARD_CLI_STATUS_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct text;

/* now_ms: since 1970. width: of the terminal; 0: as wide as it gets. */
void status_text(const struct cJSON *status, int64_t now_ms, size_t width, struct text *out);

#endif

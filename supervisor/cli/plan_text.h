/* The launch plan for people. Pure. */
#ifndef SIDECARD_CLI_PLAN_TEXT_H
#define SIDECARD_CLI_PLAN_TEXT_H

#include <stddef.h>

struct plan;
struct text;

/* width: of the terminal; 0: as wide as it gets. */
void plan_text(const struct plan *plan, size_t width, struct text *out);

#endif

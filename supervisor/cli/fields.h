/* Members of the objects that the supervisor answers with. Absent, null and of another type are all the same:
 * the fallback. */
#ifndef SIDECARD_CLI_FIELDS_H
#define SIDECARD_CLI_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

const char *field_text(const struct cJSON *object, const char *name, const char *fallback);
double field_number(const struct cJSON *object, const char *name, double fallback);
int64_t field_integer(const struct cJSON *object, const char *name, int64_t fallback);
bool field_flag(const struct cJSON *object, const char *name, bool fallback);

/* An object or an array; NULL where there is none. */
const struct cJSON *field_tree(const struct cJSON *object, const char *name);

/* The row of this sidecar in a status; NULL where there is none. */
const struct cJSON *field_row(const struct cJSON *status, const char *sidecar);

#endif

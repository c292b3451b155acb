#include "readiness.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/text.h"
#include "fields.h"

enum readiness readiness_of_row(const cJSON *row)
{
    const char *state = field_text(row, "state", "");
    if (strcmp(state, "ready") == 0 || strcmp(state, "adopted") == 0 || strcmp(state, "completed") == 0)
        return READINESS_READY;
    if (strcmp(state, "remote") == 0)
        return field_flag(field_tree(row, "probe"), "ok", false) ? READINESS_READY : READINESS_PENDING;
    if (strcmp(state, "failed") == 0)
        return READINESS_FAILED;
    /* It waits for one that is failed: its last_error names that one. */
    if (strcmp(state, "waiting") == 0 && field_text(row, "last_error", NULL))
        return READINESS_FAILED;
    return READINESS_PENDING;
}

static void explain(const cJSON *row, struct text *why)
{
    const char *error = field_text(row, "last_error", NULL);
    const char *remedy = field_text(field_tree(row, "error"), "remedy", NULL);
    text_printf(why, "%s%s is %s", why->length > 0 ? "; " : "", field_text(row, "name", "?"),
                field_text(row, "state", "?"));
    if (error)
        text_printf(why, ": %s", error);
    if (error && remedy && !strstr(error, remedy))
        text_printf(why, "; %s", remedy);
}

static enum readiness worse(enum readiness a, enum readiness b)
{
    return a > b ? a : b;
}

static enum readiness of_names(const cJSON *status, const struct strings *names, struct text *why)
{
    enum readiness worst = READINESS_READY;
    for (size_t i = 0; i < names->count; i++) {
        const cJSON *row = field_row(status, names->items[i]);
        enum readiness one = row ? readiness_of_row(row) : READINESS_UNKNOWN;
        if (!row)
            text_printf(why, "%sno sidecar is named '%s'", why->length > 0 ? "; " : "", names->items[i]);
        else if (one != READINESS_READY)
            explain(row, why);
        worst = worse(worst, one);
    }
    return worst;
}

enum readiness readiness_of_status(const cJSON *status, const struct strings *names, struct text *why)
{
    if (names->count > 0)
        return of_names(status, names, why);
    if (strcmp(field_text(status, "state", ""), "stopped") == 0) {
        text_append(why, "the runtime is stopped");
        return READINESS_PENDING;
    }
    enum readiness worst = READINESS_READY;
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        enum readiness one = readiness_of_row(row);
        if (one == READINESS_READY || strcmp(field_text(row, "state", ""), "stopped") == 0)
            continue;
        explain(row, why);
        worst = worse(worst, one);
    }
    return worst;
}

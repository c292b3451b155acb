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

void readiness_explain(const cJSON *row, struct text *why)
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

/* The worst so far, and what is wrong with those that are as bad as that: what else is missing does not
 * matter then. */
struct judgement {
    enum readiness worst;
    struct text *why;
};

static void judge(struct judgement *judgement, enum readiness one, const cJSON *row, const char *name)
{
    if (one < judgement->worst || one == READINESS_READY)
        return;
    if (one > judgement->worst)
        text_clear(judgement->why);
    judgement->worst = one;
    if (row)
        readiness_explain(row, judgement->why);
    else
        text_printf(judgement->why, "%sno sidecar is named '%s'", judgement->why->length > 0 ? "; " : "",
                    name);
}

static void judge_names(struct judgement *judgement, const cJSON *status, const struct strings *names)
{
    for (size_t i = 0; i < names->count; i++) {
        const cJSON *row = field_row(status, names->items[i]);
        judge(judgement, row ? readiness_of_row(row) : READINESS_UNKNOWN, row, names->items[i]);
    }
}

static void judge_all(struct judgement *judgement, const cJSON *status)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        if (strcmp(field_text(row, "state", ""), "stopped") != 0)
            judge(judgement, readiness_of_row(row), row, NULL);
    }
}

enum readiness readiness_of_status(const cJSON *status, const struct strings *names, struct text *why)
{
    struct judgement judgement = {.worst = READINESS_READY, .why = why};
    if (names->count > 0) {
        judge_names(&judgement, status, names);
    } else if (strcmp(field_text(status, "state", ""), "stopped") == 0) {
        text_append(why, "the runtime is stopped");
        return READINESS_PENDING;
    } else {
        judge_all(&judgement, status);
    }
    return judgement.worst;
}

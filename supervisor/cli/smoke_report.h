/* What `smoke` has checked, as TAP and as JUnit XML. Pure. */
#ifndef SIDECARD_CLI_SMOKE_REPORT_H
#define SIDECARD_CLI_SMOKE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct text;

struct smoke_check {
    char *name;
    bool passed;
    char *detail; /* why not; may be several lines; NULL: nothing to say */
};

struct smoke_report {
    struct smoke_check *checks;
    size_t count;
    size_t capacity;
};

void smoke_report_finish(struct smoke_report *report);

/* detail is taken over and may be NULL. */
void smoke_report_add(struct smoke_report *report, bool passed, char *detail, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One check for each sidecar of a status that is wanted: ready, and its probe passes. */
void smoke_report_add_rows(struct smoke_report *report, const struct cJSON *status);

bool smoke_report_passed(const struct smoke_report *report);

/* TAP version 14: each check a line, details of what failed as YAML. */
void smoke_report_tap(const struct smoke_report *report, struct text *out);

void smoke_report_junit(const struct smoke_report *report, double seconds, struct text *out);

#endif

/*
 * Whether an HTTP answer is the one that a probe wants: status, identity, body. Fed piece by piece as the
 * answer comes in; knows neither sockets nor time.
 */
#ifndef SIDECARD_PROBE_HTTP_CHECK_H
#define SIDECARD_PROBE_HTTP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "plan/probe_plan.h"

/* Of headers and body together, so much is read and no more. */
#define HTTP_CHECK_LIMIT (64 * 1024)

enum http_verdict {
    HTTP_GOOD,
    HTTP_BAD,      /* reason says why */
    HTTP_UNDECIDED /* the body decides */
};

struct http_expected_header;

struct http_check {
    const struct probe_plan *plan; /* borrowed */
    struct http_expected_header *expected;
    struct text body;
    char *reason; /* one line for a person; NULL unless HTTP_BAD */
};

void http_check_init(struct http_check *check, const struct probe_plan *plan);
void http_check_finish(struct http_check *check);

/* One header line of the answer, with or without its line end. */
void http_check_header(struct http_check *check, const char *line, size_t length);

/* The headers are complete. */
enum http_verdict http_check_head(struct http_check *check, int status);

/* More of the body; only while it is undecided. What goes beyond HTTP_CHECK_LIMIT is left out. */
void http_check_data(struct http_check *check, const char *data, size_t length);

/* No more of the body comes, or no more is waited for: HTTP_GOOD or HTTP_BAD. */
enum http_verdict http_check_body(struct http_check *check);

#endif

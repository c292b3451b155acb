/* What a person at a terminal sees of events and of children's output, as text. Pure. */
#ifndef SIDECARD_CLI_VIEW_TEXT_H
#define SIDECARD_CLI_VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct plan;
struct text;

struct view_sidecar {
    char *name;
    char *url;  /* NULL: none */
    bool front; /* what a person opens: the web server */
};

struct view_style {
    struct view_sidecar *sidecars;
    size_t count;
    bool colours;
    int name_width;
    int64_t
        starting_at; /* ms since 1970, of a runtime.starting that no runtime.ready has followed; 0: none */
};

/* Copies what it needs of the plan. */
void view_style_init(struct view_style *style, const struct plan *plan, bool colours);
void view_style_finish(struct view_style *style);

/* One line of a child's output. */
void view_text_line(const struct view_style *style, const char *sidecar, const char *line, struct text *out);

/* One event as a line; remembers when the runtime began to start. */
void view_text_event(struct view_style *style, const struct event *event, struct text *out);

/* One line of the program itself. */
void view_text_own(const struct view_style *style, const char *line, struct text *out);

#endif

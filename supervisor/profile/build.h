/*
 * A plan while it is being built. For the files of plan_build alone, which work on it one after the other:
 * settings (what stands at the top of a profile), rows (which sidecars there are, their ports and programs),
 * sidecar and probes (what each is), order.
 *
 * The document may have faults, which were reported: then every step goes on with the rest, so that all
 * problems are told in one run, and the plan is thrown away at the end.
 */
#ifndef SIDECARD_PROFILE_BUILD_H
#define SIDECARD_PROFILE_BUILD_H

#include "base/document.h"
#include "binaries.h"
#include "plan/plan.h"
#include "profile.h"
#include "roles.h"

/* Where a value was given. */
struct origin {
    const char *file; /* the profile, or the flag or variable */
    int line;
    int column;
    char *path; /* owned; NULL: of a flag or variable */
};

struct edge {
    size_t target; /* index of a row */
    enum dependency_condition condition;
    bool by_default;
    int line;
    int column;
};

/* A sidecar that the profile or a role names, whether this mode has it or not. */
struct row {
    const char *name;
    enum role role;
    const struct document_member *given; /* in `sidecars`; NULL: only the role brings it */
    const char *absent; /* NULL: part of this runtime; else why it is not, as "is disabled" */
    bool remote;
    bool binary_missing; /* which is why it is remote */
    bool has_port;
    int port;           /* 0 with has_port: it could not be had, or was at fault */
    bool port_picked;   /* it asked for 0 and got a free one */
    bool port_written;  /* by profile, flag or variable; else it is the role's */
    bool port_at_fault; /* what was written there was reported */
    struct origin port_origin;
    char *url;            /* as children see it; NULL: none */
    struct binary binary; /* of the role's program, where the role's own command is used */
    struct edge *edges;
    size_t edge_count;
};

struct named_row {
    const char *name;
    size_t index;
};

struct build {
    const struct document *root;
    const char *file;
    const struct plan_flags *flags;
    const struct plan_world *world;
    struct plan *plan;
    struct problems *problems;
    char *profile_folder;
    bool mode_known;
    struct row *rows;
    size_t row_count;
    struct named_row *rows_by_name; /* sorted */
};

/* Sets what does not depend on single sidecars: mode, folders, URLs, session. */
void settings_build(struct build *build);

/* Text of the flag, else of the variable where it is not empty, else NULL; *source becomes the name of the
 * one. */
const char *settings_override(const struct build *build, const char *flag, const char *flag_name,
                              const char *variable, const char **source);

/* The port of that role's flag or variable: false where neither is given; a bad one is reported and gives 0.
 */
bool settings_port(struct build *build, const struct role_traits *traits, int *port, const char **source);

/* The user's home folder; NULL where nothing names it. */
const char *settings_home(const struct build *build);

/* A path of the profile: "~" expanded, counted from the profile's folder; owned by the caller. */
char *settings_path(const struct build *build, const char *path);

/* The steps that find the rows, in their order. */
void rows_list(struct build *build);
void rows_set_ports(struct build *build);
void rows_find_places(struct build *build); /* programs, and which rows are remote */
void rows_pick_ports(struct build *build);
void rows_set_urls(struct build *build);
void rows_finish(struct build *build);

/* What `sidecars.<name>` holds; NULL where it is not given or no map. */
const struct document *row_given(const struct row *row);

struct row *row_find(const struct build *build, const char *name);

/* Suggests the nearest sidecar; NULL where none is near. */
const char *row_suggest(const struct build *build, const char *name);

/* Reads what a row is, and its edges. */
void sidecar_build(struct build *build, struct row *row, struct sidecar_plan *sidecar);

/* The document of a sidecar: its role's defaults with what the profile gives laid over them; owned by the
 * caller. */
struct document *sidecar_document(const struct row *row);

/* Reads the probe under key ("ready" or "live") of a sidecar's document. */
void probe_build(struct build *build, const struct row *row, const struct document *document, const char *key,
                 const struct document_path *path, struct probe_plan *probe);

/* The distances and limits of a probe whose kind is set; given is its map, or NULL. */
void probe_read_rhythm(const struct document *given, bool live, struct probe_plan *probe);

/* Program, arguments, folder and environment, and why it cannot be started where that is so. */
void launch_build(struct build *build, const struct row *row, const struct document *document,
                  struct sidecar_plan *sidecar);

/* Reports cycles. The rows' indices in start order, owned by the caller; what nothing orders keeps its place.
 */
size_t *order_build(struct build *build);

/* A placeholder_value; context is a struct scope. */
struct scope {
    struct build *build;
    const struct row *self; /* NULL: at the top of a profile */
    bool lenient;           /* of a sidecar that this runtime lacks: what only it would have is empty */
};
char *scope_value(void *context, const char *name, char **fault);

/* Replaces placeholders in every text below node, reporting those that have no value. */
void scope_expand(struct scope *scope, struct document *node, const struct document_path *path);

/* Reports a problem of what stands at node. */
void build_problem(struct build *build, const struct document *node, const struct document_path *path,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif

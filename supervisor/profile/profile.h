/*
 * From a file to a launch plan.
 *
 * profile_load reads and checks one document and reports every problem of it in one run. plan_build resolves
 * it against flags, environment and what is on the machine (binaries, folders) into a `struct plan`. Neither
 * starts anything; both see the world only through what they are given, so that tests need no machine of
 * their own.
 */
#ifndef SIDECARD_PROFILE_PROFILE_H
#define SIDECARD_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "plan/plan.h"

struct cJSON;
struct profile;

/* One fault of a document: FILE:LINE:COLUMN: PATH: what is wrong, what was expected. line 0: of the file as a
 * whole; path NULL: of no single key. */
struct problem {
    char *file;
    int line;
    int column;
    char *path;
    char *message;
};

struct problems {
    struct problem *items;
    size_t count;
    size_t capacity;
};

void problems_finish(struct problems *problems);
void problems_add(struct problems *problems, const char *file, int line, int column, const char *path,
                  const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The one line that a user sees, owned by the caller. */
char *problem_line(const struct problem *problem);

/* The list for `validate --json` and the `data` of -32002: [{file, line, column, path, message}], owned by
 * the caller. */
struct cJSON *problems_to_json(const struct problems *problems);

/* What the command line sets; NULL, 0 and false: not given. Strings are borrowed. */
struct plan_flags {
    const char *mode;
    const char *data_dir;
    const char *workspace_root;
    const char *backend_url;
    const char *web_port, *backend_port, *mongo_port, *ollama_port; /* as written: a bad one is a problem */
    const char *mongo_bin, *python_bin, *ollama_bin;
    bool web_dev;
    bool no_auto_restart;
    bool no_live;
};

/* The machine, as far as a plan depends on it. */
struct plan_world {
    const struct strings *environment; /* NAME=value */
    const char *program_folder;        /* where the sidecard program lies */
    const char *current_folder;
    int64_t now_ms; /* wall clock, for DESKTOP_SESSION_ID */
    bool (*is_file)(const char *path);
    bool (*is_executable)(const char *path); /* a regular file that may be executed */
    bool (*is_folder)(const char *path);
    /* A port for a sidecar that asked for 0, and has it in `data_dir` for good; 0 where none could be had. */
    int (*pick_port)(const char *data_dir, const char *sidecar_name);
};

/* Reads and checks a profile; the format goes by the file's extension. NULL where there was a problem;
 * problems then has at least one. The caller destroys the profile. */
struct profile *profile_load(const char *path, struct problems *problems);

/* The same for a document in memory; path names it in problems and gives its folder and format. */
struct profile *profile_parse(const char *path, const char *data, size_t length, struct problems *problems);

void profile_destroy(struct profile *profile);

/* The profile's document as JSON, owned by the caller. */
struct cJSON *profile_to_json(const struct profile *profile);

/* sidecard.yaml, .yml or .json in folder or the nearest one above; owned by the caller, NULL where there is
 * none. */
char *profile_find(const char *folder, bool (*is_file)(const char *path));

/* profile_load and plan_build in one run: a document whose form has faults is still looked through for the
 * others (a cycle, two sidecars on one port, ...), so that the user sees all problems at once, in file order.
 * What `validate`, `plan` and `run` call. NULL where there was a problem; plan is empty then. */
struct profile *profile_load_plan(const char *path, const struct plan_flags *flags,
                                  const struct plan_world *world, struct plan *plan,
                                  struct problems *problems);

/* The same for a document in memory; path names it in problems and gives its folder and format. */
struct profile *profile_parse_plan(const char *path, const char *data, size_t length,
                                   const struct plan_flags *flags, const struct plan_world *world,
                                   struct plan *plan, struct problems *problems);

/* Builds the plan. What is missing on the machine is no problem: it stands in the sidecar's launch_error. 0,
 * or a negative code with at least one problem added. */
int plan_build(const struct profile *profile, const struct plan_flags *flags, const struct plan_world *world,
               struct plan *plan, struct problems *problems);

#endif

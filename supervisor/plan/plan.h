/*
 * The launch plan: everything that the runtime needs to know about what to start, as plain values. `profile`
 * makes it from a checked document, flags and environment; nobody changes it afterwards.
 *
 * All strings are owned by the plan. Paths are absolute. Times are milliseconds.
 */
#ifndef SIDECARD_PLAN_PLAN_H
#define SIDECARD_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strings.h"
#include "probe_plan.h"

struct cJSON;

enum mode { MODE_LOCAL_FULLSTACK, MODE_REMOTE_SLIM };

enum role { ROLE_CUSTOM, ROLE_WEB, ROLE_BACKEND, ROLE_MONGO, ROLE_OLLAMA };

enum dependency_condition { DEPENDENCY_STARTED, DEPENDENCY_READY, DEPENDENCY_COMPLETED };

struct dependency {
    char *name;
    enum dependency_condition condition;
    bool by_default; /* from the role, not written in the profile */
};

enum restart_policy { RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NEVER };

#define RETRY_NEVER (-1)

struct restart_plan {
    enum restart_policy policy;
    int *success_exit_codes;
    size_t success_exit_code_count;
    int max;
    int64_t window_ms;
    int64_t backoff_initial_ms;
    double backoff_factor;
    int64_t backoff_max_ms;
    double backoff_jitter;  /* 0.1: up to a tenth more or less */
    int64_t retry_after_ms; /* RETRY_NEVER turns it off */
};

enum stop_means { STOP_BY_SIGNAL, STOP_BY_HTTP, STOP_BY_COMMAND, STOP_BY_STDIN };

struct stop_plan {
    enum stop_means means;
    int signal;
    bool only_child;
    int64_t grace_ms;
    char *http_path;
    struct strings command;
};

struct log_plan {
    bool file;
    bool text_format; /* time and stream before each line of the file */
    int64_t max_bytes;
    int max_files;
    int buffer_lines;
    struct strings redact;
    bool redact_off;
};

struct sidecar_plan {
    char *name;
    char *title; /* NULL: none */
    enum role role;
    bool remote;    /* lives elsewhere: probed, nothing launched */
    bool on_demand; /* stopped until it is named */
    bool critical;
    bool adopt; /* if_healthy */
    bool restart_with;
    bool expose;
    bool hold_stdin;
    bool stdio_jsonrpc;
    int port;         /* 0: it has none */
    bool port_picked; /* it asked for any free one */
    char *url;        /* where it is, for a person or a dependant; NULL: none */

    struct strings command; /* argv; command.items[0] is what was found, or the bare name where nothing was */
    char *cwd;
    struct strings env; /* NAME=value: what the plan adds; that is what a dry run shows */
    bool inherit_all;   /* the whole environment, else only inherit_env */
    struct strings inherit_env;
    struct strings without_env;    /* names that are never inherited */
    struct strings create_folders; /* made before each start */
    struct strings required_paths; /* must be there before each start */

    struct dependency *dependencies;
    size_t dependency_count;
    struct probe_plan
        ready; /* of a remote row too; its rhythm there is that of `live`, which asks the same */
    struct probe_plan live;
    struct restart_plan restart;
    struct stop_plan stop;
    struct log_plan logs;

    /* code is not 0: it cannot be started, and why (binary_not_found with every searched place, missing_path,
     * ...), as it was when the plan was made. The message does not name the sidecar: whoever shows it does.
     */
    struct error launch_error;
};

struct plan {
    enum mode mode;
    char *app_id;
    char *app_name;    /* NULL: none */
    char *app_version; /* NULL: none */
    char *profile_path;
    char
        *child_profile_path; /* the JSON document that children read: profile_path, or its copy in data_dir */
    char *child_profile_text; /* what the copy has to hold; NULL where profile_path is JSON itself */
    char *workspace_root;
    char *data_dir;
    char *fallback_data_dir; /* ~/.<app.id>, for a data_dir that cannot be written */
    char *resources_dir;
    char *session_id;
    char *backend_url; /* where the backend is, in either mode */
    int web_port;
    int backend_port;
    int mongo_port;
    int ollama_port;

    int max_events;
    char *diagnostics_path; /* NULL: the default place in data_dir */
    bool diagnostics_sync_always;
    char *control_socket; /* NULL: the default place */

    bool auto_restart; /* false: --no-auto-restart */

    struct sidecar_plan *sidecars; /* in start order: a dependency stands before its dependants */
    size_t sidecar_count;

    struct strings notices; /* what the user should know, one line each: a mongod that was not found, ... */
};

const char *mode_name(enum mode mode);         /* "local_fullstack" */
const char *mode_desktop_name(enum mode mode); /* "desktop_local_fullstack" */
const char *role_name(enum role role);         /* "web"; "custom" */

/* Accepts both spellings; false where text is neither mode. */
bool mode_from_name(const char *text, enum mode *mode);

/* A zeroed struct plan is an empty one. */
void plan_finish(struct plan *plan);

/* NULL where there is none of that name. */
const struct sidecar_plan *plan_find(const struct plan *plan, const char *name);

/* The document that `--dry-run` and `sidecard plan --json` print (profile.md, end of 'Errors'), owned by the
 * caller. Only what is launched stands in "specs". */
struct cJSON *plan_to_json(const struct plan *plan);

/*
 * The whole environment of a child: `inherited` (narrowed where the plan says so), the defaults that every
 * child gets (PORT, HOST, HOSTNAME for one with a port; PYTHONUNBUFFERED, PYTHONUTF8; NO_PROXY and no_proxy
 * with loopback added), the plan's own, and SIDECARD_NAME, SIDECARD_RUNTIME_ID, SIDECARD_SOCKET.
 * NOTIFY_SOCKET is never inherited.
 */
void plan_child_environment(const struct sidecar_plan *sidecar, const struct strings *inherited,
                            const char *runtime_id, const char *socket_path, struct strings *environment);

#endif

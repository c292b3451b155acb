/*
 * What a role brings. The only place that tells roles apart: everything else asks these traits.
 */
#ifndef SIDECARD_PROFILE_ROLES_H
#define SIDECARD_PROFILE_ROLES_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

/* What a role's launch is put together from; `sidecar` is filled by the role. Strings are borrowed. */
struct role_launch {
    const struct plan *plan;
    struct sidecar_plan *sidecar;
    const char *binary; /* what was found, or the bare name where nothing was */
    bool bundled;
    bool web_dev;
    bool has_args;           /* the profile adds arguments behind the role's */
    const char *models_dir;  /* NULL: not given */
    const char *backend_url; /* as children see it */
    const char *mongo_uri;
    const char *ollama_host;  /* for a backend; NULL: there is no Ollama sidecar */
    const char *ollama_model; /* NULL: none is configured */
};

struct role_traits {
    const char *name; /* NULL for custom */
    int port;         /* 0: none by default */
    const char *port_flag;
    const char *port_variable;
    bool launched[2];         /* by enum mode */
    bool remote[2];           /* by enum mode: lives elsewhere, its row stays */
    bool on_request;          /* is there only where the profile asks for it */
    const char *scheme;       /* of its URL */
    const char *url_variable; /* names it where it runs elsewhere; NULL: none */
    bool follows_base_url;    /* runs elsewhere where llm_defaults.base_url says so */
    const char *defaults;     /* as it could stand in `sidecars.<name>`, in JSON */

    const char *const
        *binary_names; /* in the order of search; NULL: the profile's command names the program */
    bool binary_on_path_only;
    const char *binary_flag; /* NULL: none */
    const char *binary_variable;
    const char *install;        /* how to get the program, for a remedy */
    bool remote_without_binary; /* nothing found means that it runs elsewhere, not that it failed */

    /* The role's own command line, with what only that needs: folders to make, paths that must be there. */
    void (*command)(const struct role_launch *launch);
    /* What the role's command and anything in its place get: environment and working directory. */
    void (*surroundings)(const struct role_launch *launch);
};

const struct role_traits *role_traits_of(enum role role);

/* ROLE_CUSTOM where the name is none of a role. */
enum role role_of_name(const char *name);

/* The roles in the order in which they start where nothing else orders them. */
extern const enum role roles_in_order[4];

#endif

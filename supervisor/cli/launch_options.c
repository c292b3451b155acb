#include "launch_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "plan/plan.h"
#include "profile/profile.h"

#define AT(member)      offsetof(struct launch, member)
#define FLAG_AT(member) (offsetof(struct launch, flags) + offsetof(struct plan_flags, member))

const struct option launch_options[] = {
    {"profile", 'p', OPTION_TEXT, AT(profile_path), "FILE",
     "the profile; else RUNTIME_PROFILE_PATH, else sidecard.yaml here or above", NULL},
    {"mode", 0, OPTION_TEXT, FLAG_AT(mode), "MODE", "local_fullstack or remote_slim", NULL},
    {"data-dir", 0, OPTION_TEXT, FLAG_AT(data_dir), "DIR", "where data, logs and the feed are", NULL},
    {"workspace-root", 0, OPTION_TEXT, FLAG_AT(workspace_root), "DIR", "where web/ and backend/ are", NULL},
    {"web-dev", 0, OPTION_FLAG, FLAG_AT(web_dev), NULL, "the web server by 'npm run dev'", NULL},
    {"no-auto-restart", 0, OPTION_FLAG, FLAG_AT(no_auto_restart), NULL, "what ends stays ended", NULL},
    {"no-live", 0, OPTION_FLAG, FLAG_AT(no_live), NULL, "live probes report and end nothing", NULL},
    {"backend-url", 0, OPTION_TEXT, FLAG_AT(backend_url), "URL", "where the backend is in remote_slim", NULL},
    {"web-port", 0, OPTION_TEXT, FLAG_AT(web_port), "PORT", "1 to 65535, or 0 for a free one", NULL},
    {"backend-port", 0, OPTION_TEXT, FLAG_AT(backend_port), "PORT", "the same", NULL},
    {"mongo-port", 0, OPTION_TEXT, FLAG_AT(mongo_port), "PORT", "the same", NULL},
    {"ollama-port", 0, OPTION_TEXT, FLAG_AT(ollama_port), "PORT", "the same", NULL},
    {"mongo-bin", 0, OPTION_TEXT, FLAG_AT(mongo_bin), "PATH", "mongod or ferretdb", NULL},
    {"python-bin", 0, OPTION_TEXT, FLAG_AT(python_bin), "PATH", "the backend's Python", NULL},
    {"ollama-bin", 0, OPTION_TEXT, FLAG_AT(ollama_bin), "PATH", "ollama", NULL},
    {0},
};

static void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        char *line = problem_line(&problems->items[i]);
        fprintf(stderr, "%s\n", line);
        free(line);
    }
}

enum exit_code launch_exit_code(const struct error *error)
{
    return error->code == ERROR_MISSING_PATH || error->code == ERROR_INVALID
               ? EXIT_USAGE
               : exit_code_of_error(error->code);
}

/* A bad value of a flag alone is a wrong usage; anything in the file or the environment is the profile's. */
static enum exit_code code_of_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strncmp(problems->items[i].file, "--", 2) != 0)
            return EXIT_PROFILE;
    return EXIT_USAGE;
}

enum exit_code launch_plan_or_complain(const struct launch *launch, struct plan *plan)
{
    struct problems problems = {0};
    struct error error = {0};
    enum exit_code code = EXIT_FINE;
    *plan = (struct plan){0};
    if (launch_plan(launch, plan, &problems, &error) != 0) {
        code = problems.count > 0 ? code_of_problems(&problems) : launch_exit_code(&error);
        print_problems(&problems);
        if (problems.count == 0)
            complain_error(&error);
        plan_finish(plan);
    }
    problems_finish(&problems);
    error_finish(&error);
    return code;
}

void launch_print_warnings(const struct plan *plan)
{
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        const struct sidecar_plan *sidecar = &plan->sidecars[i];
        if (sidecar->launch_error.code == ERROR_NONE)
            continue;
        char *line = error_line(&sidecar->launch_error);
        fprintf(stderr, "warning: %s: %s\n", sidecar->name, line);
        free(line);
    }
    for (size_t i = 0; i < plan->notices.count; i++)
        fprintf(stderr, "note: %s\n", plan->notices.items[i]);
}

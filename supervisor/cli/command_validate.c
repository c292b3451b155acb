#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "launch_options.h"
#include "plan/plan.h"
#include "print_json.h"
#include "profile/profile.h"
#include "runtime/launch.h"

struct values {
    struct launch launch;
    bool json;
};

static const struct option options[] = {
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "the problems as a list of objects", NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    LAUNCH_GROUP(offsetof(struct values, launch)),
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

static void print_list(const struct problems *problems)
{
    cJSON *list = problems_to_json(problems);
    print_json_document(list);
    cJSON_Delete(list);
}

static enum exit_code check(const struct values *values, const struct launch *launch, const char *path)
{
    struct plan plan = {0};
    struct problems problems = {0};
    struct error error = {0};
    int result = launch_plan(launch, &plan, &problems, &error);
    enum exit_code code = result == 0          ? EXIT_FINE
                          : problems.count > 0 ? EXIT_PROFILE
                                               : launch_exit_code(&error);
    if (values->json && (result == 0 || problems.count > 0))
        print_list(&problems);
    if (result == 0) {
        launch_print_warnings(&plan);
        if (!values->json)
            printf("%s: fine\n", path);
    } else if (problems.count == 0) {
        complain_error(&error);
    } else if (!values->json) {
        print_problems(&problems);
    }
    plan_finish(&plan);
    problems_finish(&problems);
    error_finish(&error);
    return code;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct launch launch = values->launch;
    struct error error = {0};
    if (names->count > 0)
        launch.profile_path = names->items[0];
    char *path = launch_profile_path(&launch, &error);
    if (!path) {
        complain_error(&error);
        enum exit_code code = launch_exit_code(&error);
        error_finish(&error);
        return code;
    }
    enum exit_code code = check(values, &launch, path);
    free(path);
    return code;
}

const struct command cli_validate = {
    .name = "validate",
    .summary = "check a profile and report every problem of it",
    .names = "[FILE]",
    .names_max = 1,
    .help = "Prints each problem as FILE:LINE:COLUMN: PATH: what is wrong, what was expected, and ends with "
            "3. What is\n"
            "missing on this machine is a warning, not a problem of the profile.\n\n"
            "  sidecard validate sidecard.yaml",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "commands.h"
#include "foreground.h"
#include "launch_options.h"
#include "plan/plan.h"
#include "print_json.h"

struct values {
    struct launch launch;
    bool dry_run;
    const char *log_level;
    const char *log_format;
};

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const formats[] = {"text", "json", NULL};

static const struct option options[] = {
    {"dry-run", 0, OPTION_FLAG, offsetof(struct values, dry_run), NULL,
     "print the launch plan as JSON, start nothing", NULL},
    {"log-level", 0, OPTION_CHOICE, offsetof(struct values, log_level), "LEVEL",
     "debug, info, warn or error (info, or SIDECARD_LOG)", levels},
    {"log-format", 0, OPTION_CHOICE, offsetof(struct values, log_format), "FORMAT", "text or json", formats},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    LAUNCH_GROUP(offsetof(struct values, launch)),
    {0},
};

static enum exit_code print_plan(const struct launch *launch)
{
    struct plan plan;
    enum exit_code code = launch_plan_or_complain(launch, &plan);
    if (code != EXIT_FINE)
        return code;
    cJSON *object = plan_to_json(&plan);
    print_json_document(object);
    cJSON_Delete(object);
    launch_print_warnings(&plan);
    plan_finish(&plan);
    return code;
}

static enum exit_code supervise(const struct values *values)
{
    struct plan *plan = memory_new(1, sizeof(*plan));
    enum exit_code code = launch_plan_or_complain(&values->launch, plan);
    if (code != EXIT_FINE) {
        free(plan);
        return code;
    }
    struct foreground foreground;
    struct foreground_options wanted = {
        .view = {.lines_fd = STDOUT_FILENO,
                 .events_fd = STDERR_FILENO,
                 .json = values->log_format && strcmp(values->log_format, "json") == 0,
                 .level = terminal_view_level(values->log_level)},
        .launch = &values->launch,
        .log_level = values->log_level,
    };
    code = foreground_open(&foreground, &wanted, plan);
    if (code != EXIT_FINE)
        return code;
    foreground_run(&foreground);
    foreground_close(&foreground);
    return EXIT_FINE;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    return values->dry_run ? print_plan(&values->launch) : supervise(values);
}

const struct command cli_run = {
    .name = "run",
    .summary = "supervise a profile in the foreground",
    .names = "",
    .help =
        "Starts what the profile names, in order, restarts what fails within its budget, and stops "
        "everything on\n"
        "Ctrl-C (twice: at once). 'sidecard --profile FILE' is the same. What the sidecars print goes to "
        "stdout, what\n"
        "sidecard has to say to stderr. Ends with 0 when it was asked to end, 2 for wrong usage, 3 when the "
        "profile\n"
        "is not valid, 7 when another supervisor has the data_dir, 1 for anything else.\n\n"
        "  sidecard --profile sidecard.yaml\n"
        "  sidecard run --profile sidecard.yaml --mode remote_slim --backend-url https://backend.example\n"
        "  sidecard run --profile sidecard.yaml --dry-run",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};

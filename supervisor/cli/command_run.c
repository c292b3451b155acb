#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "command.h"
#include "commands.h"
#include "control/shell_ends.h"
#include "foreground.h"
#include "launch_options.h"
#include "parent.h"
#include "plan/plan.h"
#include "platform/process_handle.h"
#include "print_json.h"

struct values {
    struct launch launch;
    bool dry_run;
    bool stdio;
    struct option_count exit_with_parent;
    const char *log_level;
    const char *log_format;
};

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const formats[] = {"text", "json", NULL};

static const struct option options[] = {
    {"dry-run", 0, OPTION_FLAG, offsetof(struct values, dry_run), NULL,
     "print the launch plan as JSON, start nothing", NULL},
    {"stdio", 0, OPTION_FLAG, offsetof(struct values, stdio), NULL,
     "stdin and stdout are the shell's channel; the end of stdin ends it", NULL},
    {"exit-with-parent", 0, OPTION_MAY_COUNT, offsetof(struct values, exit_with_parent), "PID",
     "ends when the process that started it has ended", NULL},
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

/* A shell that talks on stdin says what it wants to run: no file that lies about is taken for its profile. */
static bool names_a_profile(const struct launch *launch)
{
    const char *named = getenv("RUNTIME_PROFILE_PATH");
    return launch->profile_path || (named && *named);
}

/* What binds us to who started us, before anything is made. The parent's handle is -1 where there is none. */
struct bonds {
    int parent;
    struct shell_ends ends;
};

static enum exit_code take_up(const struct values *values, struct bonds *bonds)
{
    struct error error = {0};
    enum exit_code code = EXIT_FINE;
    *bonds = (struct bonds){.parent = -1};
    if (values->stdio && !names_a_profile(&values->launch)) {
        complain("run: --stdio needs a profile; name one with --profile or RUNTIME_PROFILE_PATH");
        return EXIT_USAGE;
    }
    if ((values->exit_with_parent.given &&
         parent_open(&values->exit_with_parent, &bonds->parent, &error) != 0) ||
        (values->stdio && shell_ends_claim(&bonds->ends, parent_at_start(), &error) != 0)) {
        complain_error(&error);
        code = EXIT_FAILED;
    }
    error_finish(&error);
    return code;
}

static enum exit_code supervise(const struct values *values, const struct bonds *bonds)
{
    struct plan *plan = memory_new(1, sizeof(*plan));
    enum exit_code code = launch_plan_or_complain(&values->launch, plan);
    if (code != EXIT_FINE) {
        free(plan);
        return code;
    }
    struct foreground foreground;
    struct foreground_options wanted = {
        .view = {.lines_fd = values->stdio ? STDERR_FILENO : STDOUT_FILENO,
                 .events_fd = STDERR_FILENO,
                 .json = values->log_format && strcmp(values->log_format, "json") == 0,
                 .level = terminal_view_level(values->log_level)},
        .launch = &values->launch,
        .log_level = values->log_level,
        .shell = values->stdio ? &bonds->ends : NULL,
        .parent = bonds->parent >= 0 ? &bonds->parent : NULL,
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
    if (values->dry_run)
        return print_plan(&values->launch);
    struct bonds bonds;
    enum exit_code code = take_up(values, &bonds);
    if (code == EXIT_FINE)
        code = supervise(values, &bonds);
    process_handle_close(bonds.parent);
    return code;
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
        "A desktop shell starts it with --stdio and asks it by JSON-RPC, one object a line, on stdin and "
        "stdout; "
        "what is\n"
        "printed otherwise goes to stderr. When the shell has gone (stdin ends) everything is stopped in "
        "order. "
        "With\n"
        "--exit-with-parent the same happens at the death of the process that started it; PID, if it is "
        "given, "
        "must\n"
        "be that process.\n\n"
        "  sidecard --profile sidecard.yaml\n"
        "  sidecard run --profile sidecard.yaml --mode remote_slim --backend-url https://backend.example\n"
        "  sidecard run --profile sidecard.yaml --dry-run\n"
        "  sidecard --profile sidecard.yaml --stdio --exit-with-parent=$$",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};

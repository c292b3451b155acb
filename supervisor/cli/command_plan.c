#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "commands.h"
#include "launch_options.h"
#include "plan/plan.h"
#include "plan_text.h"
#include "print_json.h"
#include "table.h"

struct values {
    struct launch launch;
    bool json;
};

static const struct option options[] = {
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL,
     "the plan as one object, as --dry-run prints it", NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    LAUNCH_GROUP(offsetof(struct values, launch)),
    {0},
};

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct launch launch = values->launch;
    if (names->count > 0)
        launch.profile_path = names->items[0];
    struct plan plan;
    enum exit_code code = launch_plan_or_complain(&launch, &plan);
    if (code != EXIT_FINE)
        return code;
    if (values->json) {
        cJSON *object = plan_to_json(&plan);
        print_json_document(object);
        cJSON_Delete(object);
    } else {
        struct text out = {0};
        plan_text(&plan, table_terminal_width(STDOUT_FILENO), &out);
        fputs(text_get(&out), stdout);
        text_finish(&out);
    }
    launch_print_warnings(&plan);
    plan_finish(&plan);
    return code;
}

const struct command cli_plan = {
    .name = "plan",
    .summary = "what would be launched, and how",
    .names = "[FILE]",
    .names_max = 1,
    .help = "Prints the launch plan in start order and starts nothing.\n\n"
            "  sidecard plan sidecard.yaml\n"
            "  sidecard plan sidecard.yaml --mode remote_slim --backend-url https://backend.example --json",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};

#include "commands.h"
#include "verbs.h"

static enum exit_code run(const void *values, const struct strings *names)
{
    static const struct verb verb = {"runtime_start", "sidecar_start", true};
    return verb_run(&verb, values, names);
}

const struct command cli_start = {
    .name = "start",
    .summary = "start the runtime, or these sidecars",
    .names = "[NAME...]",
    .names_max = NAMES_ANY,
    .help = "Starts what is stopped or failed, with a full restart budget, and waits until it is ready: 0; 6 "
            "when a sidecar is\n"
            "failed, 5 when the time is over (the work goes on).\n\n"
            "  sidecard start\n"
            "  sidecard start web backend",
    .groups = verb_groups,
    .values_size = sizeof(struct verb_values),
    .defaults = &verb_defaults,
    .run = run,
};

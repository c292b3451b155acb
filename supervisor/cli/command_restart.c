#include "commands.h"
#include "verbs.h"

static enum exit_code run(const void *values, const struct strings *names)
{
    static const struct verb verb = {"runtime_restart", "sidecar_restart", true};
    return verb_run(&verb, values, names);
}

const struct command cli_restart = {
    .name = "restart",
    .summary = "restart the runtime, or these sidecars",
    .names = "[NAME...]",
    .names_max = NAMES_ANY,
    .help = "Stops and starts again, with a full restart budget, and waits until it is ready: 0; 6 when a "
            "sidecar is failed,\n"
            "5 when the time is over (the work goes on).\n\n"
            "  sidecard restart backend --timeout 30s",
    .groups = verb_groups,
    .values_size = sizeof(struct verb_values),
    .defaults = &verb_defaults,
    .run = run,
};

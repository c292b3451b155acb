#include "commands.h"
#include "verbs.h"

static enum exit_code run(const void *values, const struct strings *names)
{
    static const struct verb verb = {"runtime_stop", "sidecar_stop", false};
    return verb_run(&verb, values, names);
}

const struct command cli_stop = {
    .name = "stop",
    .summary = "stop the runtime, or these sidecars",
    .names = "[NAME...]",
    .names_max = NAMES_ANY,
    .help = "Stops in reverse order, and waits until no process of it is left. The supervisor itself goes "
            "on; see shutdown.\n\n"
            "  sidecard stop\n"
            "  sidecard stop web",
    .groups = verb_groups,
    .values_size = sizeof(struct verb_values),
    .defaults = &verb_defaults,
    .run = run,
};

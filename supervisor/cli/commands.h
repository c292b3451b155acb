/* Every command, each in the file of its name. */
#ifndef SIDECARD_CLI_COMMANDS_H
#define SIDECARD_CLI_COMMANDS_H

#include "command.h"

extern const struct command cli_diagnostics;
extern const struct command cli_help;
extern const struct command cli_logs;
extern const struct command cli_plan;
extern const struct command cli_restart;
extern const struct command cli_run;
extern const struct command cli_shutdown;
extern const struct command cli_smoke;
extern const struct command cli_start;
extern const struct command cli_status;
extern const struct command cli_stop;
extern const struct command cli_validate;
extern const struct command cli_version;
extern const struct command cli_wait;

#endif

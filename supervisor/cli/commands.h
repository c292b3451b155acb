/* Every command, each in the file of its name. */
#ifndef SIDECARD_CLI_COMMANDS_H
#define SIDECARD_CLI_COMMANDS_H

#include "command.h"

extern const struct command command_diagnostics;
extern const struct command command_help;
extern const struct command command_logs;
extern const struct command command_plan;
extern const struct command command_restart;
extern const struct command command_run;
extern const struct command command_shutdown;
extern const struct command command_smoke;
extern const struct command command_start;
extern const struct command command_status;
extern const struct command command_stop;
extern const struct command command_validate;
extern const struct command command_version;
extern const struct command command_wait;

#endif

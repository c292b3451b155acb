/* How a command ends (control.md, 'Exit codes'). */
#ifndef SIDECARD_CLI_EXIT_CODE_H
#define SIDECARD_CLI_EXIT_CODE_H

#include "base/error.h"

enum exit_code {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_PROFILE = 3,
    EXIT_NOT_RUNNING = 4,
    EXIT_NOT_READY = 5,
    EXIT_SIDECAR_FAILED = 6,
    EXIT_REFUSED = 7,
};

/* What an error of ours, or a code of JSON-RPC, makes of a command. */
enum exit_code exit_code_of_error(enum error_code code);
enum exit_code exit_code_of_rpc(int code);

#endif

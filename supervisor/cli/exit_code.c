#include "exit_code.h"

#include "control/target.h"

enum exit_code exit_code_of_error(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return EXIT_FINE;
    case ERROR_PROFILE_INVALID:
        return EXIT_PROFILE;
    case ERROR_NOT_RUNNING:
        return EXIT_NOT_RUNNING;
    case ERROR_TIMED_OUT:
        return EXIT_NOT_READY;
    case ERROR_REFUSED:
        return EXIT_REFUSED;
    default:
        return EXIT_FAILED;
    }
}

enum exit_code exit_code_of_rpc(int code)
{
    switch (code) {
    case RPC_PROFILE_INVALID:
        return EXIT_PROFILE;
    case RPC_NOT_PERMITTED:
        return EXIT_REFUSED;
    case RPC_TIMED_OUT:
        return EXIT_NOT_READY;
    default:
        return EXIT_FAILED;
    }
}

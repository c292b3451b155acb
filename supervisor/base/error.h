/*
 * What went wrong, for a program (code) and for a person (message, remedy).
 *
 * A function that can fail takes a `struct error *`, fills it once with the names that it knows, and returns the
 * negative code. Whoever gets an error either shows it, hands it on whole, or keeps a copy; nobody prints from library
 * code. The caller owns the struct: start from `struct error e = {0}` and end with error_finish.
 */
#ifndef SIDECARD_BASE_ERROR_H
#define SIDECARD_BASE_ERROR_H

#include <stdarg.h>

#include "strings.h"

struct cJSON;

/* name, value, wire name (control.md, 'Beside each last_error stands error'), what it means */
#define ERROR_LIST(X)                                                                                       \
    X(SYSTEM, -1, "system", "the operating system refused")                                                 \
    X(INVALID, -2, "invalid", "the input is not what was expected")                                         \
    X(REFUSED, -3, "refused", "it is not allowed now")                                                      \
    X(NOT_RUNNING, -4, "not_running", "no supervisor is running")                                           \
    X(TIMED_OUT, -5, "timed_out", "it took too long")                                                       \
    X(BINARY_NOT_FOUND, -10, "binary_not_found", "the program is not there")                                \
    X(NOT_EXECUTABLE, -11, "not_executable", "the program cannot be executed")                              \
    X(MISSING_PATH, -12, "missing_path", "a file or folder is not there")                                   \
    X(PORT_TAKEN, -13, "port_taken", "another program holds the port")                                      \
    X(EXITED, -14, "exited", "the process ended")                                                           \
    X(NOT_READY_IN_TIME, -15, "not_ready_in_time", "it did not become ready in time")                       \
    X(PROBE_FAILED, -16, "probe_failed", "it does not answer its live probe")                               \
    X(BUDGET_SPENT, -17, "budget_spent", "it failed more often than its restart budget allows")             \
    X(OUT_OF_MEMORY, -18, "out_of_memory", "it was killed for memory")                                      \
    X(DBPATH_IN_USE, -19, "dbpath_in_use", "another server uses the data folder")                           \
    X(MODEL_MISSING, -20, "model_missing", "the model is not there")                                        \
    X(SECRET_MISSING, -21, "secret_missing", "a secret is not there")                                       \
    X(PROFILE_INVALID, -22, "profile_invalid", "the profile is not valid")

enum error_code {
    ERROR_NONE = 0,
#define ERROR_ENUM(name, value, wire, meaning) ERROR_##name = value,
    ERROR_LIST(ERROR_ENUM)
#undef ERROR_ENUM
};

struct error {
    enum error_code code;
    char *message;           /* one line: what happened, and where */
    char *remedy;            /* one line: what to do; NULL where there is nothing to say */
    struct strings searched; /* every place that was looked at, for *_not_found */
};

void error_finish(struct error *error);

/* Replaces what error held and returns code. error may be NULL: then only the code is told. */
int error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of the errno value behind the message. */
int error_set_errno(struct error *error, enum error_code code, int errno_value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds what to do about it. */
void error_remedy(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_copy(struct error *to, const struct error *from);

/* Moves: `from` is empty afterwards. */
void error_move(struct error *to, struct error *from);

/* "message" or "message; remedy", owned by the caller: the one line that a user sees. */
char *error_line(const struct error *error);

const char *error_wire_name(enum error_code code);

/* The object {code, message, remedy, searched} of control.md, owned by the caller. */
struct cJSON *error_to_json(const struct error *error);

#endif

/*
 * Which supervisor a command speaks to: by --socket, --data-dir or --profile; without them the only one that
 * runs.
 */
#ifndef SIDECARD_CLI_FIND_H
#define SIDECARD_CLI_FIND_H

#include "control/client.h"
#include "exit_code.h"
#include "options.h"

struct find_values {
    const char *socket;
    const char *data_dir;
    const char *profile;
};

extern const struct option find_options[];

/* The group of these options, where the command's struct has a find_values at `offset`. */
#define FIND_GROUP(struct_offset)                                                                            \
    {                                                                                                        \
        "Which supervisor", find_options, struct_offset                                                      \
    }

/* Connects. ERROR_NOT_RUNNING with the remedy; ERROR_INVALID where several run and none was named. */
int find_client(const struct find_values *values, struct client **client, struct error *error);

/* As find_client; complains by itself. 0, or what the command has to end with. */
enum exit_code find_client_or_complain(const struct find_values *values, struct client **client);

/* Where the files of the supervisor that is meant are, whether or not it runs: for what they still tell. */
struct find_place {
    char *data_dir;
    char *diagnostics_path; /* where its profile puts the event feed; NULL: the default place in data_dir */
};

void find_place_finish(struct find_place *place);

/* 0, or a negative code. The caller finishes place in every case. */
int find_place(const struct find_values *values, struct find_place *place, struct error *error);

/* One call whose error is told on stderr. EXIT_FINE with the result, owned by the caller, or what to end
 * with. */
enum exit_code find_call(struct client *client, const char *method, struct cJSON *params, int64_t timeout_ms,
                         struct cJSON **result);

/* For replies that were waited for elsewhere: tells an error and says what it means for the exit code. */
enum exit_code find_tell_failure(const struct reply *reply);

#endif

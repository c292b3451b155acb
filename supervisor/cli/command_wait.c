#include <cjson/cJSON.h>
#include <poll.h>
#include <stdio.h>

#include "base/text.h"
#include "commands.h"
#include "find.h"
#include "platform/clock.h"
#include "readiness.h"

#define LOOK_EVERY_MS 50
#define ANSWER_MS     10000 /* a status is answered at once by whoever is alive */

struct values {
    struct find_values find;
    int64_t timeout_ms;
};

static const struct values defaults = {.timeout_ms = 120000};

static const struct option options[] = {
    {"timeout", 't', OPTION_DURATION, offsetof(struct values, timeout_ms), "T", "how long at most (2m)",
     NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    FIND_GROUP(offsetof(struct values, find)),
    {0},
};

/* EXIT_FINE: look again. Else done, with *done set where that is a success. */
static enum exit_code look(struct client *client, const struct strings *names, struct text *why, bool *done)
{
    cJSON *status;
    enum exit_code code = find_call(client, "runtime_status", NULL, ANSWER_MS, &status);
    text_clear(why);
    enum readiness readiness =
        code == EXIT_FINE ? readiness_of_status(status, names, why) : READINESS_PENDING;
    cJSON_Delete(status);
    if (readiness == READINESS_READY)
        *done = true;
    if (readiness == READINESS_FAILED || readiness == READINESS_UNKNOWN) {
        complain("%s", text_get(why));
        return readiness == READINESS_FAILED ? EXIT_SIDECAR_FAILED : EXIT_FAILED;
    }
    return code;
}

static enum exit_code wait_until_ready(struct client *client, const struct values *values,
                                       const struct strings *names)
{
    int64_t until = clock_monotonic_ms() + values->timeout_ms;
    struct text why = {0};
    bool done = false;
    enum exit_code code = EXIT_FINE;
    while (code == EXIT_FINE && !done) {
        code = look(client, names, &why, &done);
        if (code != EXIT_FINE || done)
            break;
        if (clock_monotonic_ms() >= until) {
            complain("not ready in time: %s; 'sidecard logs' and 'sidecard diagnostics' say more",
                     text_get(&why));
            code = EXIT_NOT_READY;
        }
        poll(NULL, 0, LOOK_EVERY_MS);
    }
    text_finish(&why);
    return code;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct client *client;
    enum exit_code code = find_client_or_complain(&values->find, &client);
    if (code != EXIT_FINE)
        return code;
    code = wait_until_ready(client, values, names);
    client_destroy(client);
    return code;
}

const struct command cli_wait = {
    .name = "wait",
    .summary = "wait until all, or these, are ready",
    .names = "[NAME...]",
    .names_max = NAMES_ANY,
    .help =
        "Waits until the named sidecars are ready, without names all that are wanted: exit code 0. Returns "
        "at once\n"
        "with 6 when one of them is failed or waits for one that is, and with 5 when the time is over.\n\n"
        "  sidecard wait --timeout 30s && open http://127.0.0.1:3000\n"
        "  sidecard wait backend",
    .groups = groups,
    .values_size = sizeof(struct values),
    .defaults = &defaults,
    .run = run,
};

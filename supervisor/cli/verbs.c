#include "verbs.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "fields.h"
#include "readiness.h"

#define ANSWER_SLACK_MS                                                                                      \
    5000 /* the supervisor says itself that the time is over; this is for one that says nothing */

const struct verb_values verb_defaults = {.timeout_ms = 120000};

static const struct option options[] = {
    {"timeout", 't', OPTION_DURATION, offsetof(struct verb_values, timeout_ms), "T",
     "how long to wait for it (2m; 0: without end)", NULL},
    {0},
};

const struct option_group verb_groups[] = {
    {"Options", options, 0},
    FIND_GROUP(offsetof(struct verb_values, find)),
    {0},
};

static cJSON *make_params(const struct verb_values *values, const char *name)
{
    cJSON *params = cJSON_CreateObject();
    cJSON_AddNumberToObject(params, "timeout_ms", (double)values->timeout_ms);
    if (name)
        cJSON_AddStringToObject(params, "name", name);
    return params;
}

static int64_t patience(const struct verb_values *values)
{
    return values->timeout_ms == 0 ? -1 : values->timeout_ms + ANSWER_SLACK_MS;
}

/* Says how one sidecar stands now. */
static enum exit_code tell_row(const struct verb *verb, const cJSON *row)
{
    if (verb->up && readiness_of_row(row) == READINESS_FAILED) {
        struct text why = {0};
        readiness_explain(row, &why);
        complain("%s", text_get(&why));
        text_finish(&why);
        return EXIT_SIDECAR_FAILED;
    }
    printf("%s is %s\n", field_text(row, "name", "?"), field_text(row, "state", "?"));
    return EXIT_FINE;
}

static enum exit_code tell_status(const struct verb *verb, const cJSON *status)
{
    struct text why = {0};
    struct strings all = {0};
    enum exit_code code = EXIT_FINE;
    if (verb->up && readiness_of_status(status, &all, &why) == READINESS_FAILED) {
        complain("%s", text_get(&why));
        code = EXIT_SIDECAR_FAILED;
    } else {
        printf("the runtime is %s\n", field_text(status, "state", "?"));
    }
    text_finish(&why);
    return code;
}

static enum exit_code run_runtime(const struct verb *verb, const struct verb_values *values)
{
    struct client *client;
    cJSON *status = NULL;
    enum exit_code code = find_client_or_complain(&values->find, &client);
    if (code != EXIT_FINE)
        return code;
    code = find_call(client, verb->runtime_method, make_params(values, NULL), patience(values), &status);
    if (code == EXIT_FINE)
        code = tell_status(verb, status);
    cJSON_Delete(status);
    client_destroy(client);
    return code;
}

static enum exit_code receive_row(const struct verb *verb, const struct verb_values *values,
                                  struct client *client)
{
    struct reply reply;
    struct error error = {0};
    enum exit_code code;
    if (client_receive(client, patience(values), &reply, &error) != 0) {
        complain_error(&error);
        code = exit_code_of_error(error.code);
    } else {
        code = find_tell_failure(&reply);
        if (code == EXIT_FINE)
            code = tell_row(verb, reply.result);
    }
    reply_finish(&reply);
    error_finish(&error);
    return code;
}

static enum exit_code ask(const struct verb *verb, const struct verb_values *values, const char *name,
                          struct client **client)
{
    enum exit_code code = find_client_or_complain(&values->find, client);
    struct error error = {0};
    if (code != EXIT_FINE)
        return code;
    if (client_send(*client, verb->sidecar_method, make_params(values, name), patience(values), &error) !=
        0) {
        complain_error(&error);
        code = exit_code_of_error(error.code);
        client_destroy(*client);
    }
    error_finish(&error);
    return code;
}

/* One connection a name, so that all are worked at together. */
static enum exit_code run_sidecars(const struct verb *verb, const struct verb_values *values,
                                   const struct strings *names)
{
    struct client **clients = memory_new(names->count, sizeof(struct client *));
    enum exit_code worst = EXIT_FINE;
    size_t asked = 0;
    while (asked < names->count && worst == EXIT_FINE) {
        worst = ask(verb, values, names->items[asked], &clients[asked]);
        asked += worst == EXIT_FINE;
    }
    for (size_t i = 0; i < asked; i++) {
        enum exit_code code = receive_row(verb, values, clients[i]);
        worst = code > worst ? code : worst;
        client_destroy(clients[i]);
    }
    free(clients);
    return worst;
}

enum exit_code verb_run(const struct verb *verb, const struct verb_values *values,
                        const struct strings *names)
{
    return names->count == 0 ? run_runtime(verb, values) : run_sidecars(verb, values, names);
}

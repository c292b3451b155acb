#include "fake_target.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *on_status(void *target, bool detail)
{
    struct fake_target *fake = target;
    cJSON *status = cJSON_CreateObject();
    cJSON_AddStringToObject(status, "state", "ready");
    cJSON_AddBoolToObject(status, "detail", detail);
    size_t length = fake->status_padding;
    if (length > 0) {
        char *padding = malloc(length + 1);
        memset(padding, 'x', length);
        padding[length] = '\0';
        cJSON_AddStringToObject(status, "padding", padding);
        free(padding);
    }
    return status;
}

static cJSON *on_diagnostics(void *target, const struct diagnostics_params *params)
{
    struct fake_target *fake = target;
    fake->last_diagnostics = *params;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "limit", params->limit);
    return object;
}

static void on_logs(void *target, const char *name, const struct logs_params *params, struct request *request)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "tail", params->tail);
    request_answer(request, object);
}

static void hold(struct fake_target *fake, struct request *request)
{
    fake->held[fake->held_count++] = request;
}

static void on_start(void *target, const struct start_params *params, struct request *request)
{
    hold(target, request);
}

static void on_runtime(void *target, enum runtime_verb verb, struct request *request)
{
    if (verb == RUNTIME_STOP)
        fake_target_release(target);
    request_answer(request, on_status(target, false));
}

static void on_sidecar(void *target, enum sidecar_verb verb, const char *name, struct request *request)
{
    if (strcmp(name, "later") == 0) {
        hold(target, request);
    } else if (strcmp(name, "none") == 0) {
        struct error error = {0};
        error_set(&error, ERROR_INVALID, "no sidecar '%s'", name);
        error_remedy(&error, "known: now, later");
        request_fail_with(request, RPC_NO_SUCH_SIDECAR, &error);
        error_finish(&error);
    } else {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "name", name);
        request_answer(request, row);
    }
}

static void on_note_request(void *target, const char *method, const char *transport, pid_t client)
{
    struct fake_target *fake = target;
    fake->changes++;
    snprintf(fake->last_noted, sizeof(fake->last_noted), "%s %s %d", method, transport, client > 0);
}

static void on_note_denied(void *target, const char *why, const char *transport, pid_t client)
{
}

struct control_target fake_target_table(struct fake_target *fake)
{
    static const struct control_operations operations = {
        .status = on_status,
        .diagnostics = on_diagnostics,
        .logs = on_logs,
        .start = on_start,
        .runtime = on_runtime,
        .sidecar = on_sidecar,
        .note_request = on_note_request,
        .note_denied = on_note_denied,
    };
    return (struct control_target){.operations = &operations, .context = fake};
}

void fake_target_release(struct fake_target *fake)
{
    while (fake->held_count > 0)
        request_answer(fake->held[--fake->held_count], cJSON_CreateString("released"));
}

#include "runtime_info.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fields.h"
#include "probe/http_client.h"

#define ANSWER_MS    5000
#define ANSWER_LIMIT ((size_t)64 * 1024)

struct runtime_info {
    struct http_client *client;
    struct text body;
    char *desktop_mode;
    runtime_info_callback callback;
    void *context;
};

static char *fault_of_object(const cJSON *info, const char *desktop_mode)
{
    if (!cJSON_IsObject(info))
        return text_format("its answer is no JSON object");
    if (!desktop_mode)
        return NULL;
    const char *mode = field_text(info, "mode", NULL);
    const char *origin = field_text(info, "backend_origin", NULL);
    if (!mode || strcmp(mode, desktop_mode) != 0)
        return text_format("its mode is %s%s%s, expected \"%s\"", mode ? "\"" : "", mode ? mode : "missing",
                           mode ? "\"" : "", desktop_mode);
    return origin && *origin ? NULL : text_format("its backend_origin is missing");
}

char *runtime_info_fault(int status, const char *body, const char *desktop_mode)
{
    if (status != 200)
        return text_format("it answered with status %d", status);
    cJSON *info = cJSON_Parse(body);
    char *fault = fault_of_object(info, desktop_mode);
    cJSON_Delete(info);
    return fault;
}

static void on_data(void *context, const char *data, size_t length)
{
    struct runtime_info *info = context;
    text_append_bytes(&info->body, data, length);
}

static void on_done(void *context, const struct http_result *result)
{
    struct runtime_info *info = context;
    char *fault = result->error ? memory_copy_text(result->error)
                  : result->cut
                      ? memory_copy_text("its answer is longer than 64 KiB")
                      : runtime_info_fault(result->status, text_get(&info->body), info->desktop_mode);
    runtime_info_callback callback = info->callback;
    void *callback_context = info->context;
    http_client_destroy(info->client);
    text_finish(&info->body);
    free(info->desktop_mode);
    free(info);
    callback(callback_context, fault);
    free(fault);
}

void runtime_info_ask(uv_loop_t *loop, const char *backend_url, const char *desktop_mode,
                      runtime_info_callback callback, void *context)
{
    static const struct http_handler handler = {.data = on_data, .done = on_done};
    struct runtime_info *info = memory_new(1, sizeof(*info));
    info->client = http_client_create(loop);
    info->desktop_mode = memory_copy_text(desktop_mode);
    info->callback = callback;
    info->context = context;
    size_t length = strlen(backend_url);
    while (length > 0 && backend_url[length - 1] == '/')
        length--;
    char *url = text_format("%.*s/runtime/info", (int)length, backend_url);
    struct http_request request = {.url = url, .timeout_ms = ANSWER_MS, .answer_limit = ANSWER_LIMIT};
    http_call_start(info->client, &request, &handler, info);
    free(url);
}

#include "rpc_codec.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "json_print.h"
#include "json_scan.h"

void rpc_request_finish(struct rpc_request *request)
{
    free(request->id);
    free(request->method);
    free(request->fault);
    cJSON_Delete(request->params);
    *request = (struct rpc_request){0};
}

void rpc_message_finish(struct rpc_message *message)
{
    for (size_t i = 0; i < message->count; i++)
        rpc_request_finish(&message->requests[i]);
    free(message->requests);
    *message = (struct rpc_message){0};
}

static void set_fault(struct rpc_request *request, int code, char *fault)
{
    request->fault_code = code;
    request->fault = fault;
    if (!request->id)
        request->id = memory_copy_text("null");
}

static void set_invalid(struct rpc_request *request, const char *why)
{
    set_fault(request, RPC_INVALID_REQUEST, text_format("Invalid Request: %s", why));
}

/* A whole line that is one fault. */
static void set_single(struct rpc_message *message, int code, char *fault)
{
    message->requests = memory_new(1, sizeof(*message->requests));
    message->count = 1;
    set_fault(&message->requests[0], code, fault);
}

/* False where there is an id that is none: neither text nor number nor null. */
static bool read_id(struct json_span span, const cJSON *object, struct rpc_request *request)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(object, "id");
    if (!id)
        return true;
    if (!cJSON_IsString(id) && !cJSON_IsNumber(id) && !cJSON_IsNull(id))
        return false;
    struct json_span raw = json_member(span, "id");
    if (raw.data) {
        request->id = memory_copy_bytes(raw.data, raw.length);
        return true;
    }
    struct text printed = {0};
    json_print(&printed, id);
    request->id = text_take(&printed);
    return true;
}

static void read_object(struct json_span span, cJSON *object, struct rpc_request *request)
{
    if (!cJSON_IsObject(object)) {
        set_invalid(request, "expected an object");
        return;
    }
    if (!read_id(span, object, request)) {
        set_invalid(request, "id: expected a text, a number or null");
        return;
    }
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(object, "jsonrpc");
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(object, "method");
    cJSON *params = cJSON_GetObjectItemCaseSensitive(object, "params");
    if (!cJSON_IsString(version) || strcmp(version->valuestring, "2.0") != 0) {
        set_invalid(request, "jsonrpc: expected \"2.0\"");
    } else if (!cJSON_IsString(method)) {
        set_invalid(request, "method: expected a text");
    } else if (params && !cJSON_IsObject(params) && !cJSON_IsArray(params) && !cJSON_IsNull(params)) {
        set_invalid(request, "params: expected an object");
    } else {
        request->method = memory_copy_text(method->valuestring);
        if (params && !cJSON_IsNull(params))
            request->params = cJSON_DetachItemViaPointer(object, params);
    }
}

static void read_span(struct json_span span, struct rpc_request *request)
{
    cJSON *object = cJSON_ParseWithLengthOpts(span.data, span.length, NULL, false);
    read_object(span, object, request);
    cJSON_Delete(object);
}

static size_t count_elements(struct json_span array)
{
    size_t count = 0;
    struct json_span element = {0};
    while (count <= RPC_BATCH_MAX && (element = json_next_element(array, element)).data)
        count++;
    return count;
}

static void read_batch(struct json_span array, struct rpc_message *message)
{
    size_t count = count_elements(array);
    if (count == 0 || count > RPC_BATCH_MAX) {
        set_single(message, RPC_INVALID_REQUEST,
                   count == 0
                       ? memory_copy_text("Invalid Request: an empty batch")
                       : text_format("Invalid Request: more than %d requests in a batch", RPC_BATCH_MAX));
        return;
    }
    message->batch = true;
    message->requests = memory_new(count, sizeof(*message->requests));
    message->count = count;
    struct json_span element = {0};
    for (size_t i = 0; i < count; i++) {
        element = json_next_element(array, element);
        read_span(element, &message->requests[i]);
    }
}

void rpc_parse(const char *line, size_t length, struct rpc_message *message)
{
    *message = (struct rpc_message){0};
    size_t valid = utf8_valid_length(line, length);
    if (valid < length) {
        set_single(message, RPC_PARSE_ERROR, text_format("Parse error: not UTF-8 at byte %zu", valid));
        return;
    }
    struct json_fault fault;
    if (!json_scan(line, length, RPC_DEPTH_MAX, &fault)) {
        set_single(message, RPC_PARSE_ERROR,
                   text_format("Parse error: %s at byte %zu", fault.what, fault.at));
        return;
    }
    struct json_span span = json_trimmed(line, length);
    if (span.data[0] == '[') {
        read_batch(span, message);
        return;
    }
    message->requests = memory_new(1, sizeof(*message->requests));
    message->count = 1;
    read_span(span, &message->requests[0]);
}

static void write_head(struct text *out, const char *id)
{
    text_append(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_append(out, id);
}

void rpc_write_result(struct text *out, const char *id, const cJSON *result)
{
    write_head(out, id);
    text_append(out, ",\"result\":");
    json_print(out, result);
    text_append(out, "}");
}

void rpc_write_error(struct text *out, const char *id, int code, const char *message, const cJSON *data)
{
    write_head(out, id);
    text_printf(out, ",\"error\":{\"code\":%d,\"message\":", code);
    json_print_text(out, message);
    if (data) {
        text_append(out, ",\"data\":");
        json_print(out, data);
    }
    text_append(out, "}}");
}

static void write_call(struct text *out, const char *method, const cJSON *params)
{
    text_append(out, "\"method\":");
    json_print_text(out, method);
    if (params) {
        text_append(out, ",\"params\":");
        json_print(out, params);
    }
    text_append(out, "}\n");
}

void rpc_write_request(struct text *out, const char *id, const char *method, const cJSON *params)
{
    write_head(out, id);
    text_append(out, ",");
    write_call(out, method, params);
}

void rpc_write_notification(struct text *out, const char *method, const cJSON *params)
{
    text_append(out, "{\"jsonrpc\":\"2.0\",");
    write_call(out, method, params);
}

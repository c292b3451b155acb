#include "params.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "json_print.h"

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */
#define SHOWN_MAX      60                 /* bytes of a wrong value that the answer repeats */

void params_init(struct params *params, const cJSON *given)
{
    *params = (struct params){0};
    if (cJSON_IsObject(given))
        params->object = given;
    else if (given && cJSON_GetArraySize(given) > 0)
        params->fault = memory_copy_text("params: expected an object, params are given by name");
}

void params_finish(struct params *params)
{
    free(params->fault);
    *params = (struct params){0};
}

static const cJSON *find(const struct params *params, const char *name)
{
    const cJSON *item = params->object ? cJSON_GetObjectItemCaseSensitive(params->object, name) : NULL;
    return cJSON_IsNull(item) ? NULL : item;
}

void params_refuse(struct params *params, const char *name, const char *expected)
{
    if (params->fault)
        return;
    const cJSON *item = find(params, name);
    if (!item) {
        params->fault = text_format("%s: expected %s, it is missing", name, expected);
        return;
    }
    struct text shown = {0};
    json_print(&shown, item);
    params->fault = text_format("%s: expected %s, got %.*s%s", name, expected, SHOWN_MAX, text_get(&shown),
                                shown.length > SHOWN_MAX ? "..." : "");
    text_finish(&shown);
}

bool params_has(const struct params *params, const char *name)
{
    return find(params, name) != NULL;
}

bool params_flag(struct params *params, const char *name, bool fallback)
{
    const cJSON *item = find(params, name);
    if (!item)
        return fallback;
    if (!cJSON_IsBool(item))
        params_refuse(params, name, "true or false");
    return cJSON_IsTrue(item);
}

int64_t params_integer(struct params *params, const char *name, int64_t fallback)
{
    const cJSON *item = find(params, name);
    if (!item)
        return fallback;
    if (cJSON_IsNumber(item) && fabs(item->valuedouble) < EXACT_INTEGERS &&
        trunc(item->valuedouble) == item->valuedouble)
        return (int64_t)item->valuedouble;
    params_refuse(params, name, "an integer");
    return fallback;
}

const char *params_text(struct params *params, const char *name)
{
    const cJSON *item = find(params, name);
    if (!item)
        return NULL;
    if (cJSON_IsString(item))
        return item->valuestring;
    params_refuse(params, name, "a text");
    return NULL;
}

const char *params_choice(struct params *params, const char *name, const char *const *choices)
{
    const char *text = params_text(params, name);
    if (!text)
        return NULL;
    struct text expected = {0};
    text_append(&expected, "one of ");
    for (size_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            text_finish(&expected);
            return choices[i];
        }
        text_printf(&expected, "%s\"%s\"", i > 0 ? ", " : "", choices[i]);
    }
    params_refuse(params, name, text_get(&expected));
    text_finish(&expected);
    return NULL;
}

const char *params_needed_text(struct params *params, const char *name)
{
    const char *text = params_text(params, name);
    if (text && *text)
        return text;
    params_refuse(params, name, "a text that is not empty");
    return "";
}

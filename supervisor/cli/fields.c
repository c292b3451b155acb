#include "fields.h"

#include <cjson/cJSON.h>
#include <string.h>

static const cJSON *find(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *field_text(const cJSON *object, const char *name, const char *fallback)
{
    const char *text = cJSON_GetStringValue(find(object, name));
    return text ? text : fallback;
}

double field_number(const cJSON *object, const char *name, double fallback)
{
    const cJSON *item = find(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

int64_t field_integer(const cJSON *object, const char *name, int64_t fallback)
{
    return (int64_t)field_number(object, name, (double)fallback);
}

bool field_flag(const cJSON *object, const char *name, bool fallback)
{
    const cJSON *item = find(object, name);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

const cJSON *field_tree(const cJSON *object, const char *name)
{
    const cJSON *item = find(object, name);
    return cJSON_IsObject(item) || cJSON_IsArray(item) ? item : NULL;
}

const cJSON *field_row(const cJSON *status, const char *sidecar)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        if (strcmp(field_text(row, "name", ""), sidecar) == 0)
            return row;
    }
    return NULL;
}

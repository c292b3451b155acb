#include "process/sweep.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/text.h"
#include "runtime_internal.h"

static void tell(struct runtime *runtime, enum event_level level, const struct strings *processes,
                 const char *what)
{
    if (processes->count == 0)
        return;
    cJSON *data = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(data, "processes");
    cJSON_AddNumberToObject(data, "count", (double)processes->count);
    for (size_t i = 0; i < processes->count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(processes->items[i]));
    char *names = strings_join(processes, ", ");
    feed_add(runtime->feed, level, KIND_RUNTIME_ORPHANS_SWEPT, "runtime", data, "%s: %s", what, names);
    free(names);
}

void sweeping_begin(struct runtime *runtime)
{
    struct swept swept;
    struct error error = {0};
    char *path = text_format("%s/ledger", runtime->folder);
    sweep_left_behind(path, &swept);
    tell(runtime, LEVEL_OF_KIND, &swept.processes, "killed what an earlier run had left behind");
    tell(runtime, LEVEL_ERROR, &swept.refused, "an earlier run left what this user may not end");
    runtime->ledger = ledger_create(path, runtime->id, &error);
    if (error.code != ERROR_NONE)
        feed_add(runtime->feed, LEVEL_ERROR, KIND_RUNTIME_NOTICE, "runtime", NULL,
                 "%s; a later run will not know what this one has started", error.message);
    error_finish(&error);
    swept_finish(&swept);
    free(path);
}

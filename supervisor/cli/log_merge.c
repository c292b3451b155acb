#include "log_merge.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/memory.h"
#include "fields.h"

void log_merge_init(struct log_merge *merge, cJSON *const *results, size_t count)
{
    merge->next = memory_new(count, sizeof(*merge->next));
    merge->count = count;
    for (size_t i = 0; i < count; i++) {
        const cJSON *lines = field_tree(results[i], "lines");
        merge->next[i] = lines ? lines->child : NULL;
    }
}

void log_merge_finish(struct log_merge *merge)
{
    free(merge->next);
    *merge = (struct log_merge){0};
}

const cJSON *log_merge_next(struct log_merge *merge, size_t *from)
{
    const cJSON *first = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        const cJSON *line = merge->next[i];
        if (!line || (first && field_integer(line, "ts_ms", -1) >= field_integer(first, "ts_ms", -1)))
            continue;
        first = line;
        *from = i;
    }
    if (first)
        merge->next[*from] = first->next;
    return first;
}

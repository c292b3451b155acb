#include "placeholders.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Stands behind "${". Returns where the text goes on, or NULL. */
static const char *expand_one(const char *at, placeholder_value *value, void *context, struct text *expanded,
                              char **fault)
{
    const char *end = strchr(at, '}');
    if (!end) {
        *fault = memory_copy_text(
            "a placeholder without an end, expected '}' behind '${' (a literal '${' is written "
            "'$${')");
        return NULL;
    }
    char *name = memory_copy_bytes(at, (size_t)(end - at));
    char *found = value(context, name, fault);
    free(name);
    if (!found)
        return NULL;
    text_append(expanded, found);
    free(found);
    return end + 1;
}

char *placeholders_expand(const char *text, placeholder_value *value, void *context, char **fault)
{
    struct text expanded = {0};
    while (*text) {
        if (strncmp(text, "$${", 3) == 0) {
            text_append(&expanded, "${");
            text += 3;
        } else if (strncmp(text, "${", 2) == 0) {
            text = expand_one(text + 2, value, context, &expanded, fault);
            if (!text) {
                text_finish(&expanded);
                return NULL;
            }
        } else {
            size_t plain = 1 + strcspn(text + 1, "$");
            text_append_bytes(&expanded, text, plain);
            text += plain;
        }
    }
    return text_take(&expanded);
}

#include "document.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static const double largest_exact_integer = 9007199254740991.0;

struct document *document_create(enum document_kind kind)
{
    struct document *node = memory_new(1, sizeof(*node));
    node->kind = kind;
    return node;
}

static void destroy_members(struct document *node)
{
    for (size_t i = 0; i < node->count; i++) {
        free(node->members[i].key);
        document_destroy(node->members[i].value);
    }
    free(node->members);
}

void document_destroy(struct document *node)
{
    if (!node)
        return;
    destroy_members(node);
    free(node->text);
    free(node);
}

struct document *document_add(struct document *parent, const char *key, struct document *value)
{
    parent->members =
        memory_grow(parent->members, parent->count, &parent->capacity, sizeof(*parent->members));
    parent->members[parent->count++] = (struct document_member){
        .key = memory_copy_text(key), .line = value->line, .column = value->column, .value = value};
    return value;
}

struct document *document_clone(const struct document *node)
{
    struct document *copy = memory_new(1, sizeof(*copy));
    *copy = *node;
    copy->text = memory_copy_text(node->text);
    copy->members = node->count > 0 ? memory_new(node->count, sizeof(*copy->members)) : NULL;
    copy->capacity = node->count;
    for (size_t i = 0; i < node->count; i++) {
        copy->members[i] = node->members[i];
        copy->members[i].key = memory_copy_text(node->members[i].key);
        copy->members[i].value = document_clone(node->members[i].value);
    }
    return copy;
}

static size_t index_of(const struct document *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->members[i].key && strcmp(map->members[i].key, key) == 0)
            return i;
    return map->count;
}

const struct document_member *document_member(const struct document *node, const char *key)
{
    if (!node || node->kind != DOCUMENT_MAP)
        return NULL;
    size_t at = index_of(node, key);
    return at < node->count ? &node->members[at] : NULL;
}

const struct document *document_get(const struct document *node, const char *key)
{
    const struct document_member *member = document_member(node, key);
    return member && member->value->kind != DOCUMENT_NULL ? member->value : NULL;
}

static void remove_member(struct document *map, size_t at)
{
    free(map->members[at].key);
    document_destroy(map->members[at].value);
    memmove(&map->members[at], &map->members[at + 1], (map->count - at - 1) * sizeof(*map->members));
    map->count--;
}

/* Keys of `over` differ from each other, so that only what base had before has to be looked through. */
static size_t find_among(const struct document *map, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(map->members[i].key, key) == 0)
            return i;
    return count;
}

static void merge_maps(struct document *base, const struct document *over, enum document_null null_does)
{
    size_t before = base->count;
    for (size_t i = 0; i < over->count; i++) {
        const struct document_member *member = &over->members[i];
        size_t at = find_among(base, before, member->key);
        bool found = at < before;
        if (member->value->kind == DOCUMENT_NULL) {
            if (found && null_does == DOCUMENT_NULL_REMOVES) {
                remove_member(base, at);
                before--;
            }
            continue;
        }
        if (!found) {
            at = base->count;
            document_add(base, member->key, document_create(DOCUMENT_NULL));
        }
        base->members[at].line = member->line;
        base->members[at].column = member->column;
        document_merge(base->members[at].value, member->value, null_does);
    }
}

void document_merge(struct document *base, const struct document *over, enum document_null null_does)
{
    if (over->kind == DOCUMENT_MAP && base->kind == DOCUMENT_MAP) {
        base->line = over->line;
        base->column = over->column;
        merge_maps(base, over, null_does);
        return;
    }
    struct document *copy = document_clone(over);
    destroy_members(base);
    free(base->text);
    *base = *copy;
    free(copy);
}

void document_forget_places(struct document *node)
{
    node->line = node->column = 0;
    for (size_t i = 0; i < node->count; i++) {
        node->members[i].line = node->members[i].column = 0;
        document_forget_places(node->members[i].value);
    }
}

bool document_is_integer(const struct document *node)
{
    return node->kind == DOCUMENT_NUMBER && fabs(node->number) <= largest_exact_integer &&
           floor(node->number) == node->number;
}

/* cJSON keeps doubles only: an integer that a double cannot hold goes through as the digits that were
 * written. */
static cJSON *number_to_json(const struct document *node)
{
    bool digits = node->text && node->text[0] != '+' && node->text[0] != '0' &&
                  node->text[strspn(node->text, "-0123456789")] == '\0';
    return digits && fabs(node->number) > largest_exact_integer ? cJSON_CreateRaw(node->text)
                                                                : cJSON_CreateNumber(node->number);
}

cJSON *document_to_json(const struct document *node)
{
    switch (node->kind) {
    case DOCUMENT_BOOLEAN:
        return cJSON_CreateBool(node->boolean);
    case DOCUMENT_NUMBER:
        return number_to_json(node);
    case DOCUMENT_TEXT:
        return cJSON_CreateString(node->text);
    case DOCUMENT_LIST:
    case DOCUMENT_MAP: {
        cJSON *parent = node->kind == DOCUMENT_MAP ? cJSON_CreateObject() : cJSON_CreateArray();
        for (size_t i = 0; i < node->count; i++) {
            cJSON *child = document_to_json(node->members[i].value);
            if (node->kind == DOCUMENT_MAP)
                cJSON_AddItemToObject(parent, node->members[i].key, child);
            else
                cJSON_AddItemToArray(parent, child);
        }
        return parent;
    }
    case DOCUMENT_NULL:
    case DOCUMENT_INVALID:
        break;
    }
    return cJSON_CreateNull();
}

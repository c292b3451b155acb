/* The schema says the same as the grammar, key by key: neither can be changed alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/text.h"
#include "profile/grammar.h"

static cJSON *schema;

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static int load_schema(void **state)
{
    FILE *file = fopen(SIDECARD_SOURCE_DIR "/schemas/runtime-profile.schema.json", "rb");
    struct text text = {0};
    char buffer[4096];
    for (size_t length; (length = fread(buffer, 1, sizeof(buffer), file)) > 0;)
        text_append_bytes(&text, buffer, length);
    fclose(file);
    schema = cJSON_Parse(text_get(&text));
    text_finish(&text);
    return schema ? 0 : -1;
}

static int drop_schema(void **state)
{
    cJSON_Delete(schema);
    return 0;
}

/* What stands behind a $ref, or beside null in an anyOf. */
static const cJSON *resolved(const cJSON *node)
{
    const cJSON *reference = get(node, "$ref");
    const cJSON *any_of = get(node, "anyOf");
    const cJSON *all_of = get(node, "allOf");
    if (reference) {
        const char *name = strrchr(reference->valuestring, '/') + 1;
        return resolved(get(get(schema, "$defs"), name));
    }
    if (all_of && !get(node, "type"))
        return resolved(cJSON_GetArrayItem(all_of, 0));
    const cJSON *last = any_of ? cJSON_GetArrayItem(any_of, cJSON_GetArraySize(any_of) - 1) : NULL;
    const cJSON *type = last ? get(last, "type") : NULL;
    if (cJSON_GetArraySize(any_of) == 2 && type && cJSON_IsString(type) &&
        strcmp(type->valuestring, "null") == 0)
        return resolved(cJSON_GetArrayItem(any_of, 0));
    return node;
}

static bool has_type(const cJSON *node, const char *wanted)
{
    const cJSON *type = get(node, "type");
    if (cJSON_IsString(type))
        return strcmp(type->valuestring, wanted) == 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, type) if (strcmp(item->valuestring, wanted) == 0) return true;
    return false;
}

static void compare(const struct rule *rule, const cJSON *node, const char *path);

static void compare_words(const struct rule *rule, const cJSON *words, const char *path)
{
    size_t count = 0;
    const cJSON *word;
    cJSON_ArrayForEach(word, words)
    {
        if (cJSON_IsNull(word))
            continue;
        if (!rule->words[count] || strcmp(rule->words[count], word->valuestring) != 0)
            fail_msg("%s: '%s' of the schema is not at that place of the grammar", path, word->valuestring);
        count++;
    }
    if (rule->words[count])
        fail_msg("%s: the schema lacks '%s'", path, rule->words[count]);
}

static void compare_pattern(const struct rule *rule, const cJSON *pattern, const char *path)
{
    const char *written = pattern ? pattern->valuestring : NULL;
    if ((written == NULL) != (rule->pattern == NULL) || (written && strcmp(written, rule->pattern) != 0))
        fail_msg("%s: pattern '%s' in the schema, '%s' in the grammar", path, written ? written : "none",
                 rule->pattern ? rule->pattern : "none");
}

static void compare_number(const cJSON *node, const char *key, double wanted, const char *path)
{
    const cJSON *number = get(node, key);
    if ((number ? number->valuedouble : 0) != wanted)
        fail_msg("%s: %s is not %g in the schema", path, key, wanted);
}

static bool is_required(const cJSON *node, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, get(node, "required")) if (strcmp(item->valuestring, name) == 0) return true;
    return false;
}

static void compare_object(const struct rule *rule, const cJSON *node, const char *path)
{
    const cJSON *properties = get(node, "properties");
    int count = 0;
    for (const struct key *key = rule->keys; key->name; key++, count++) {
        const cJSON *property = get(properties, key->name);
        char *child = text_format("%s.%s", path, key->name);
        if (!property)
            fail_msg("%s is not in the schema", child);
        if (is_required(node, key->name) != (key->presence == KEY_REQUIRED))
            fail_msg("%s: required in one of schema and grammar", child);
        compare(key->rule, resolved(property), child);
        free(child);
    }
    if (cJSON_GetArraySize(properties) != count)
        fail_msg("%s: the schema has %d keys, the grammar %d", path, cJSON_GetArraySize(properties), count);
    if (rule->open != (get(node, "additionalProperties") == NULL))
        fail_msg("%s: open in one of schema and grammar", path);
    int alternatives = 0;
    for (const char *const *name = rule->alternatives; name && *name; name++)
        alternatives++;
    if (alternatives > 0 && cJSON_GetArraySize(get(node, "oneOf")) != alternatives + 1)
        fail_msg("%s: other alternatives in the schema", path);
}

static void compare_map(const struct rule *rule, const cJSON *node, const char *path)
{
    compare_pattern(rule, get(get(node, "propertyNames"), "pattern"), path);
    const cJSON *values = get(node, "additionalProperties");
    if (!cJSON_IsTrue(values))
        compare(rule->items, resolved(values), path);
    const cJSON *named;
    cJSON_ArrayForEach(named, get(node, "properties")) compare(rule->items, resolved(named), path);
}

static void compare(const struct rule *rule, const cJSON *node, const char *path)
{
    static const char *const types[] = {
        [RULE_TEXT] = "string",   [RULE_BOOLEAN] = "boolean", [RULE_INTEGER] = "integer",
        [RULE_NUMBER] = "number", [RULE_LIST] = "array",      [RULE_MAP] = "object",
        [RULE_OBJECT] = "object",
    };
    const cJSON *any_of = get(node, "anyOf");
    if (rule->words && rule->type != RULE_WORD) {
        compare_words(rule, get(cJSON_GetArrayItem(any_of, 1), "enum"), path);
        node = resolved(cJSON_GetArrayItem(any_of, 0));
    }
    if (rule->type < sizeof(types) / sizeof(types[0]) && types[rule->type] &&
        !has_type(node, types[rule->type]))
        fail_msg("%s: not %s in the schema", path, types[rule->type]);
    switch (rule->type) {
    case RULE_ANY:
    case RULE_BOOLEAN:
    case RULE_STATUS:
    case RULE_DURATION:
    case RULE_SIZE:
        break;
    case RULE_TEXT:
        compare_pattern(rule, get(node, "pattern"), path);
        compare_number(node, "minLength", rule->minimum, path);
        break;
    case RULE_INTEGER:
    case RULE_NUMBER:
        compare_number(node, "minimum", rule->minimum, path);
        compare_number(node, "maximum", rule->maximum, path);
        break;
    case RULE_WORD:
        compare_words(rule, get(node, "enum"), path);
        break;
    case RULE_LIST:
        compare_number(node, "minItems", rule->minimum, path);
        compare(rule->items, resolved(get(node, "items")), path);
        break;
    case RULE_MAP:
        compare_map(rule, node, path);
        break;
    case RULE_OBJECT:
        compare_object(rule, node, path);
        break;
    }
}

static void schema_and_grammar_agree(void **state)
{
    compare(&grammar_profile, schema, "profile");
}

/* Editors show them. */
static void assert_explained(const cJSON *properties)
{
    const cJSON *property;
    cJSON_ArrayForEach(property, properties)
    {
        if (!cJSON_IsString(get(property, "title")) || !cJSON_IsString(get(property, "description")))
            fail_msg("%s has no title or description", property->string);
        assert_explained(get(property, "properties"));
    }
}

static void every_key_has_a_title_and_a_description(void **state)
{
    assert_explained(get(schema, "properties"));
    assert_explained(get(schema, "$defs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_and_grammar_agree),
        cmocka_unit_test(every_key_has_a_title_and_a_description),
    };
    return cmocka_run_group_tests(tests, load_schema, drop_schema);
}

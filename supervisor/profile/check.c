#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "base/text.h"
#include "expectation.h"
#include "grammar.h"
#include "pattern.h"
#include "roles.h"

/* Nobody reads hints by the hundred, and a hostile file may have a hundred thousand unknown keys. */
static const size_t most_problems_with_hints = 100;

struct checker {
    const char *file;
    struct problems *problems;
};

static void check_value(struct checker *checker, struct document *value, const struct rule *rule,
                        const struct document_path *path);

static void report(struct checker *checker, int line, int column, const struct document_path *path,
                   const char *message)
{
    char *where = document_path_text(path);
    problems_add(checker->problems, checker->file, line, column, where, "%s", message);
    free(where);
}

/* "expected X, got Y", and a hint where one helps. */
static void refuse(struct checker *checker, struct document *value, const struct rule *rule,
                   const struct document_path *path)
{
    char *message = expectation_message(rule, value);
    report(checker, value->line, value->column, path, message);
    free(message);
    value->kind = DOCUMENT_INVALID;
}

static bool is_word(const struct rule *rule, const struct document *value)
{
    if (value->kind != DOCUMENT_TEXT)
        return false;
    for (const char *const *word = rule->words; word && *word; word++)
        if (strcmp(*word, value->text) == 0)
            return true;
    return false;
}

static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool is_text(const struct rule *rule, const struct document *value)
{
    return value->kind == DOCUMENT_TEXT && (double)characters_of(value->text) >= rule->minimum &&
           (!rule->pattern || pattern_fits(rule->pattern, value->text));
}

static bool is_number(const struct rule *rule, const struct document *value)
{
    return value->kind == DOCUMENT_NUMBER && value->number >= rule->minimum && value->number <= rule->maximum;
}

static bool is_quantity(const struct rule *rule, const struct document *value)
{
    bool size = rule->type == RULE_SIZE;
    int64_t amount = 0;
    if (value->kind == DOCUMENT_TEXT) {
        if (!(size ? quantity_size(value->text, &amount) : quantity_duration(value->text, &amount)))
            return false;
    } else if (document_is_integer(value) && value->number >= 0 && (size || value->number == 0)) {
        amount = (int64_t)value->number;
    } else {
        return false;
    }
    return (double)amount >= rule->minimum;
}

static bool is_one_status(const struct document *value)
{
    if (value->kind == DOCUMENT_TEXT)
        return pattern_fits(grammar_status_pattern, value->text);
    return document_is_integer(value) && value->number >= 100 && value->number <= 599;
}

static bool is_status(const struct document *value)
{
    if (value->kind != DOCUMENT_LIST)
        return is_one_status(value);
    for (size_t i = 0; i < value->count; i++)
        if (!is_one_status(value->members[i].value))
            return false;
    return value->count > 0;
}

/* Whether a value is good as a whole; what is inside a list, map or object is looked at by itself. */
static bool is_good(const struct rule *rule, const struct document *value)
{
    if (is_word(rule, value))
        return true;
    switch (rule->type) {
    case RULE_ANY:
        return true;
    case RULE_TEXT:
        return is_text(rule, value);
    case RULE_BOOLEAN:
        return value->kind == DOCUMENT_BOOLEAN;
    case RULE_INTEGER:
        return document_is_integer(value) && is_number(rule, value);
    case RULE_NUMBER:
        return is_number(rule, value);
    case RULE_WORD:
        return false;
    case RULE_DURATION:
    case RULE_SIZE:
        return is_quantity(rule, value);
    case RULE_STATUS:
        return is_status(value);
    case RULE_LIST:
        return value->kind == DOCUMENT_LIST && (double)value->count >= rule->minimum;
    case RULE_MAP:
    case RULE_OBJECT:
        return value->kind == DOCUMENT_MAP;
    }
    return false;
}

static void check_list(struct checker *checker, struct document *list, const struct rule *rule,
                       const struct document_path *path)
{
    for (size_t i = 0; i < list->count; i++) {
        struct document_path item = {.parent = path, .index = i};
        check_value(checker, list->members[i].value, i == 0 && rule->first ? rule->first : rule->items,
                    &item);
    }
}

static void refuse_key(struct checker *checker, struct document_member *member,
                       const struct document_path *path, const char *message)
{
    report(checker, member->line, member->column, path, message);
    member->value->kind = DOCUMENT_INVALID;
}

static void check_map(struct checker *checker, struct document *map, const struct rule *rule,
                      const struct document_path *path)
{
    for (size_t i = 0; i < map->count; i++) {
        struct document_member *member = &map->members[i];
        struct document_path child = {.parent = path, .key = member->key};
        if (rule->pattern && !pattern_fits(rule->pattern, member->key)) {
            char *message = text_format("not a good key, expected %s", rule->expected);
            refuse_key(checker, member, &child, message);
            free(message);
        } else if (member->value->kind != DOCUMENT_NULL) {
            check_value(checker, member->value, rule->items, &child);
        }
    }
}

static const struct key *find_key(const struct rule *rule, const char *name)
{
    for (const struct key *key = rule->keys; key->name; key++)
        if (strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

static void check_known_keys(struct checker *checker, struct document *object, const struct rule *rule,
                             const struct document_path *path)
{
    for (size_t i = 0; i < object->count; i++) {
        struct document_member *member = &object->members[i];
        struct document_path child = {.parent = path, .key = member->key};
        const struct key *key = find_key(rule, member->key);
        if (key && member->value->kind != DOCUMENT_NULL) {
            check_value(checker, member->value, key->rule, &child);
        } else if (!key && !rule->open) {
            char *message = checker->problems->count < most_problems_with_hints
                                ? expectation_unknown_key(rule, member->key)
                                : memory_copy_text("unknown key, expected a known one");
            refuse_key(checker, member, &child, message);
            free(message);
        }
    }
}

static bool is_required(const struct key *key, const struct document *object,
                        const struct document_path *path)
{
    switch (key->presence) {
    case KEY_OPTIONAL:
        return false;
    case KEY_REQUIRED:
        return true;
    case KEY_REQUIRED_WITHOUT_ROLE:
        return !document_get(object, "role") && path && role_of_name(path->key) == ROLE_CUSTOM;
    }
    return false;
}

static void check_missing_keys(struct checker *checker, struct document *object, const struct rule *rule,
                               const struct document_path *path)
{
    for (const struct key *key = rule->keys; key->name; key++) {
        if (!is_required(key, object, path) || document_get(object, key->name))
            continue;
        struct document_path child = {.parent = path, .key = key->name};
        char *expected = expectation_of(key->rule);
        char *message = text_format("missing, expected %s", expected);
        report(checker, object->line, object->column, &child, message);
        free(message);
        free(expected);
    }
}

/* Of keys that exclude each other the second and later ones are at fault. */
static void check_alternatives(struct checker *checker, struct document *object, const struct rule *rule,
                               const struct document_path *path)
{
    const struct document_member *first = NULL;
    for (size_t i = 0; i < object->count; i++) {
        struct document_member *member = &object->members[i];
        if (member->value->kind == DOCUMENT_NULL || !expectation_is_among(rule->alternatives, member->key))
            continue;
        if (!first) {
            first = member;
            continue;
        }
        struct document_path child = {.parent = path, .key = member->key};
        char *names = expectation_list(rule->alternatives);
        char *message = text_format("given beside '%s', expected only one of %s", first->key, names);
        refuse_key(checker, member, &child, message);
        free(message);
        free(names);
    }
}

static void check_value(struct checker *checker, struct document *value, const struct rule *rule,
                        const struct document_path *path)
{
    if (!is_good(rule, value)) {
        refuse(checker, value, rule, path);
        return;
    }
    if (value->kind == DOCUMENT_LIST && rule->items) {
        check_list(checker, value, rule, path);
    } else if (rule->type == RULE_MAP) {
        check_map(checker, value, rule, path);
    } else if (rule->type == RULE_OBJECT) {
        check_known_keys(checker, value, rule, path);
        check_missing_keys(checker, value, rule, path);
        if (rule->alternatives)
            check_alternatives(checker, value, rule, path);
    }
}

void check_form(struct document *root, const char *file, struct problems *problems)
{
    struct checker checker = {.file = file, .problems = problems};
    check_value(&checker, root, &grammar_profile, NULL);
}

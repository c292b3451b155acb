#include "expectation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"

static size_t count_of(const char *const *words)
{
    size_t count = 0;
    while (words && words[count])
        count++;
    return count;
}

bool expectation_is_among(const char *const *words, const char *word)
{
    for (size_t i = 0; i < count_of(words); i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

char *expectation_list(const char *const *words)
{
    struct text text = {0};
    size_t count = count_of(words);
    for (size_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    return text_take(&text);
}

static char *by_type(const struct rule *rule)
{
    switch (rule->type) {
    case RULE_ANY:
        return memory_copy_text("a value");
    case RULE_TEXT:
        return memory_copy_text("text");
    case RULE_BOOLEAN:
        return memory_copy_text("true or false");
    case RULE_INTEGER:
        return text_format("an integer from %.0f to %.0f", rule->minimum, rule->maximum);
    case RULE_NUMBER:
        return text_format("a number from %g to %g", rule->minimum, rule->maximum);
    case RULE_WORD:
        return expectation_list(rule->words);
    case RULE_DURATION:
        return text_format("a duration%s such as 500ms, 30s or 1m30s", rule->minimum > 0 ? " above 0" : "");
    case RULE_SIZE:
        return text_format("a size%s such as 512KiB or 2GiB, or a number of bytes",
                           rule->minimum > 0 ? " above 0" : "");
    case RULE_STATUS:
        return memory_copy_text("a status such as 200, a range such as 200-299, or a list of them");
    case RULE_LIST:
        return text_format("a list%s", rule->minimum > 0 ? " that is not empty" : "");
    case RULE_MAP:
    case RULE_OBJECT:
        return memory_copy_text("an object");
    }
    return memory_copy_text("something else");
}

char *expectation_of(const struct rule *rule)
{
    /* The expectation of a map is that of its keys. */
    char *expected =
        rule->expected && rule->type != RULE_MAP ? memory_copy_text(rule->expected) : by_type(rule);
    if (rule->type == RULE_WORD || !rule->words)
        return expected;
    char *words = expectation_list(rule->words);
    char *both = text_format("%s, or %s", expected, words);
    free(words);
    free(expected);
    return both;
}

static bool is_bare_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

static void append_hint(struct text *message, const struct rule *rule, const struct document *value)
{
    bool scalar = value->kind == DOCUMENT_TEXT || value->kind == DOCUMENT_NUMBER;
    if (rule->type == RULE_DURATION && scalar && is_bare_number(value->text) && strlen(value->text) < 10 &&
        strspn(value->text, "0") < strlen(value->text)) {
        text_printf(message, ": write %ss for seconds or %sms for milliseconds", value->text, value->text);
    } else if (rule->type == RULE_TEXT && value->kind == DOCUMENT_NUMBER) {
        text_append(message, ": write it in quotes");
    } else if (rule->type == RULE_TEXT && value->kind == DOCUMENT_BOOLEAN) {
        text_append(message, ": write it in quotes");
    } else if (rule->words && value->kind == DOCUMENT_TEXT) {
        const char *near = suggest_name(value->text, rule->words, count_of(rule->words));
        if (near)
            text_printf(message, "; did you mean '%s'?", near);
    }
}

char *expectation_message(const struct rule *rule, const struct document *value)
{
    struct text message = {0};
    char *expected = expectation_of(rule);
    char *got = document_describe(value);
    text_printf(&message, "expected %s, got %s", expected, got);
    if (value->kind == DOCUMENT_LIST && rule->type == RULE_LIST)
        text_append(&message, " without items");
    append_hint(&message, rule, value);
    free(got);
    free(expected);
    return text_take(&message);
}

char *expectation_unknown_key(const struct rule *object, const char *key)
{
    size_t count = 0;
    while (object->keys[count].name)
        count++;
    const char **names = memory_new(count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = object->keys[i].name;
    const char *near = suggest_name(key, names, count);
    char *list = expectation_list(names);
    char *message = near         ? text_format("unknown key, did you mean '%s'?", near)
                    : count == 0 ? memory_copy_text("unknown key, expected none")
                                 : text_format("unknown key, expected one of %s", list);
    free(list);
    free(names);
    return message;
}

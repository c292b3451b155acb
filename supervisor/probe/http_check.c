#include "http_check.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "pattern.h"

/* A foreign value in a message is cut after so many bytes. */
#define SHOWN_BYTES 80

struct http_expected_header {
    bool matched;
    char *seen; /* the last other value of that name */
};

void http_check_init(struct http_check *check, const struct probe_plan *plan)
{
    *check = (struct http_check){.plan = plan};
    if (plan->expect_header.count > 0)
        check->expected = memory_new(plan->expect_header.count, sizeof(*check->expected));
}

void http_check_finish(struct http_check *check)
{
    for (size_t i = 0; check->expected && i < check->plan->expect_header.count; i++)
        free(check->expected[i].seen);
    free(check->expected);
    text_finish(&check->body);
    free(check->reason);
    *check = (struct http_check){0};
}

static enum http_verdict bad(struct http_check *check, char *reason)
{
    free(check->reason);
    check->reason = reason;
    return HTTP_BAD;
}

/* Foreign text as part of one line: cut, valid UTF-8, without control characters; owned by the caller. */
static char *shown(const char *data, size_t length)
{
    struct text text = {0};
    utf8_append_clean(&text, data, length > SHOWN_BYTES ? SHOWN_BYTES : length);
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F)
            text.data[i] = ' ';
    if (length > SHOWN_BYTES)
        text_append(&text, "...");
    return text_take(&text);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

void http_check_header(struct http_check *check, const char *line, size_t length)
{
    const char *colon = check->expected ? memchr(line, ':', length) : NULL;
    if (!colon)
        return;
    size_t name_length = (size_t)(colon - line);
    const char *value = colon + 1;
    const char *end = line + length;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    size_t value_length = (size_t)(end - value);

    for (size_t i = 0; i < check->plan->expect_header.count; i++) {
        const char *wanted = check->plan->expect_header.items[i];
        const char *equals = strchr(wanted, '=');
        if (!equals || (size_t)(equals - wanted) != name_length ||
            strncasecmp(wanted, line, name_length) != 0)
            continue;
        if (strlen(equals + 1) == value_length && memcmp(equals + 1, value, value_length) == 0) {
            check->expected[i].matched = true;
        } else {
            free(check->expected[i].seen);
            check->expected[i].seen = shown(value, value_length);
        }
    }
}

static bool status_wanted(const struct probe_plan *plan, int status)
{
    if (plan->status_count == 0)
        return status >= 200 && status <= 399;
    for (size_t i = 0; i < plan->status_count; i++)
        if (status >= plan->statuses[i].from && status <= plan->statuses[i].to)
            return true;
    return false;
}

static char *status_reason(const struct probe_plan *plan, int status)
{
    struct text text = {0};
    text_printf(&text, "answered %d, wanted ", status);
    if (plan->status_count == 0)
        text_append(&text, "200-399");
    for (size_t i = 0; i < plan->status_count; i++) {
        const struct status_range *range = &plan->statuses[i];
        text_printf(&text, "%s%d", i > 0 ? ", " : "", range->from);
        if (range->to != range->from)
            text_printf(&text, "-%d", range->to);
    }
    return text_take(&text);
}

static enum http_verdict check_headers(struct http_check *check)
{
    for (size_t i = 0; i < check->plan->expect_header.count; i++) {
        const struct http_expected_header *expected = &check->expected[i];
        if (expected->matched)
            continue;
        const char *wanted = check->plan->expect_header.items[i];
        int name_length = (int)strcspn(wanted, "=");
        const char *value = wanted[name_length] == '=' ? wanted + name_length + 1 : "";
        if (!expected->seen)
            return bad(check, text_format("answered by another program: no header %.*s, wanted \"%s\"",
                                          name_length, wanted, value));
        return bad(check, text_format("answered by another program: header %.*s is \"%s\", wanted \"%s\"",
                                      name_length, wanted, expected->seen, value));
    }
    return HTTP_GOOD;
}

enum http_verdict http_check_head(struct http_check *check, int status)
{
    if (!status_wanted(check->plan, status))
        return bad(check, status_reason(check->plan, status));
    if (check_headers(check) == HTTP_BAD)
        return HTTP_BAD;
    return check->plan->body || check->plan->expect_json.count > 0 ? HTTP_UNDECIDED : HTTP_GOOD;
}

void http_check_data(struct http_check *check, const char *data, size_t length)
{
    size_t room = HTTP_CHECK_LIMIT - check->body.length;
    text_append_bytes(&check->body, data, length < room ? length : room);
}

/* The value of a dotted field; a key that itself has dots in it is found as well. NULL where there is none.
 */
static const cJSON *find_field(const cJSON *node, const char *field, size_t length)
{
    for (const cJSON *item = node->child; cJSON_IsObject(node) && item; item = item->next) {
        size_t key_length = strlen(item->string);
        if (key_length > length || memcmp(item->string, field, key_length) != 0)
            continue;
        if (key_length == length)
            return item;
        if (field[key_length] != '.')
            continue;
        const cJSON *found = find_field(item, field + key_length + 1, length - key_length - 1);
        if (found)
            return found;
    }
    return NULL;
}

static enum http_verdict check_field(struct http_check *check, const cJSON *document, const char *wanted)
{
    size_t length = strcspn(wanted, "=");
    const char *value_text = wanted[length] == '=' ? wanted + length + 1 : "";
    const cJSON *found = find_field(document, wanted, length);
    if (!found)
        return bad(check, text_format("answered by another program: no field %.*s, wanted %s", (int)length,
                                      wanted, value_text));
    cJSON *value = cJSON_Parse(value_text);
    bool same = value && cJSON_Compare(found, value, true);
    cJSON_Delete(value);
    if (same)
        return HTTP_GOOD;
    char *printed = cJSON_PrintUnformatted(found);
    char *seen = shown(printed ? printed : "", printed ? strlen(printed) : 0);
    bad(check, text_format("answered by another program: %.*s is %s, wanted %s", (int)length, wanted, seen,
                           value_text));
    cJSON_free(printed);
    free(seen);
    return HTTP_BAD;
}

static enum http_verdict check_json(struct http_check *check)
{
    cJSON *document = cJSON_ParseWithLength(text_get(&check->body), check->body.length);
    if (!document)
        return bad(check, memory_copy_text("the answer is not JSON, so that its identity is unknown"));
    enum http_verdict verdict = HTTP_GOOD;
    for (size_t i = 0; verdict == HTTP_GOOD && i < check->plan->expect_json.count; i++)
        verdict = check_field(check, document, check->plan->expect_json.items[i]);
    cJSON_Delete(document);
    return verdict;
}

static enum http_verdict check_pattern(struct http_check *check)
{
    char *reason = NULL;
    struct pattern *pattern = pattern_create(check->plan->body, &reason);
    if (!pattern) {
        bad(check, text_format("the pattern for the body is not valid: %s", reason));
        free(reason);
        return HTTP_BAD;
    }
    bool matches = pattern_matches(pattern, text_get(&check->body), check->body.length);
    pattern_destroy(pattern);
    if (matches)
        return HTTP_GOOD;
    return bad(check, text_format("the body of the answer does not match %s", check->plan->body));
}

enum http_verdict http_check_body(struct http_check *check)
{
    if (check->plan->body && check_pattern(check) == HTTP_BAD)
        return HTTP_BAD;
    if (check->plan->expect_json.count > 0 && check_json(check) == HTTP_BAD)
        return HTTP_BAD;
    return HTTP_GOOD;
}

/*
 * YAML by libyaml's events, resolved by the 1.2 core schema with less (document.h says what).
 *
 * libyaml follows 1.1 where it splits text into events and leaves the meaning of plain scalars to us; nothing
 * of 1.1's schema (yes, 0o17, 1:30, =, <<) is left then.
 */
#include "document_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "crc32.h"
#include "memory.h"

struct anchor {
    char *name;
    struct document *node; /* borrowed from the tree or from `keys` */
    size_t next;           /* in its bucket: index + 1 of an older one, 0 at the end */
};

/* A hostile file may have a hundred thousand anchors. */
#define ANCHOR_BUCKETS 1024

struct open_container {
    struct document *node;
    bool key_is_next; /* of a map: what comes is a key */
};

struct reader {
    yaml_parser_t parser;
    const struct document_report *report;
    struct document *root;
    struct document keys; /* a list that owns the nodes that stood in the place of keys */
    struct open_container open[DOCUMENT_MAX_DEPTH];
    int depth;
    struct anchor *anchors;
    size_t anchor_count;
    size_t anchor_capacity;
    size_t buckets[ANCHOR_BUCKETS]; /* index + 1 of the newest */
    size_t expanded;                /* bytes that aliases have added, as JSON would write them */
    bool stopped;
    bool closed; /* the first document has ended */
};

static void fault_at(struct reader *reader, const yaml_mark_t *mark, const char *message)
{
    document_fault(reader->report, (int)mark->line + 1, (int)mark->column + 1, NULL, "%s", message);
}

static void stop_at(struct reader *reader, const yaml_mark_t *mark, const char *message)
{
    fault_at(reader, mark, message);
    reader->stopped = true;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(const char *text)
{
    if (*text == '-' || *text == '+')
        text++;
    size_t whole = digits(text);
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = digits(text + 1);
        text += 1 + fraction;
    }
    if (whole == 0 && fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text += text[1] == '-' || text[1] == '+' ? 2 : 1;
        if (digits(text) == 0)
            return false;
        text += digits(text);
    }
    return *text == '\0';
}

static enum document_kind kind_of_plain(const char *text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
        if (strcmp(text, nulls[i]) == 0)
            return DOCUMENT_NULL;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return DOCUMENT_BOOLEAN;
    return is_decimal(text) ? DOCUMENT_NUMBER : DOCUMENT_TEXT;
}

static struct document *node_at(enum document_kind kind, const yaml_mark_t *mark)
{
    struct document *node = document_create(kind);
    node->line = (int)mark->line + 1;
    node->column = (int)mark->column + 1;
    return node;
}

static struct document *make_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (strlen(value) != length)
        fault_at(reader, &event->start_mark, "\\0 in a text, expected other characters");
    struct document *node = node_at(plain ? kind_of_plain(value) : DOCUMENT_TEXT, &event->start_mark);
    if (node->kind == DOCUMENT_BOOLEAN)
        node->boolean = value[0] == 't';
    if (node->kind == DOCUMENT_NUMBER || node->kind == DOCUMENT_TEXT)
        node->text = memory_copy_text(value);
    if (node->kind == DOCUMENT_NUMBER) {
        node->number = strtod(value, NULL);
        if (!isfinite(node->number))
            fault_at(reader, &event->start_mark, "a number that is too large, expected one below 1.8e308");
    }
    return node;
}

static size_t *bucket_of(struct reader *reader, const yaml_char_t *name)
{
    const char *text = (const char *)name;
    return &reader->buckets[crc32_of(text, strlen(text)) % ANCHOR_BUCKETS];
}

static void remember_anchor(struct reader *reader, const yaml_char_t *name, struct document *node)
{
    if (!name)
        return;
    size_t *bucket = bucket_of(reader, name);
    reader->anchors = memory_grow(reader->anchors, reader->anchor_count, &reader->anchor_capacity,
                                  sizeof(*reader->anchors));
    reader->anchors[reader->anchor_count++] =
        (struct anchor){.name = memory_copy_text((const char *)name), .node = node, .next = *bucket};
    *bucket = reader->anchor_count;
}

/* The newest of that name: YAML lets a name be given again. */
static struct document *find_anchor(struct reader *reader, const yaml_char_t *name)
{
    for (size_t i = *bucket_of(reader, name); i > 0; i = reader->anchors[i - 1].next)
        if (strcmp(reader->anchors[i - 1].name, (const char *)name) == 0)
            return reader->anchors[i - 1].node;
    return NULL;
}

static bool is_open(const struct reader *reader, const struct document *node)
{
    for (int i = 0; i < reader->depth; i++)
        if (reader->open[i].node == node)
            return true;
    return false;
}

/* Bytes that node takes as JSON, counted up to the limit; *deepest becomes the depth below `depth`. */
static void measure(const struct document *node, int depth, size_t *bytes, int *deepest)
{
    *bytes += 3 + (node->text ? strlen(node->text) : 0);
    bool container = node->kind == DOCUMENT_MAP || node->kind == DOCUMENT_LIST;
    if (container && depth + 1 > *deepest)
        *deepest = depth + 1;
    for (size_t i = 0; i < node->count && *bytes <= DOCUMENT_MAX_BYTES; i++) {
        *bytes += node->members[i].key ? strlen(node->members[i].key) + 3 : 0;
        measure(node->members[i].value, depth + (container ? 1 : 0), bytes, deepest);
    }
}

/* A copy of what the alias names; NULL, and reading has stopped, where that cannot be. */
static struct document *expand_alias(struct reader *reader, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    struct document *node = find_anchor(reader, event->data.alias.anchor);
    if (!node) {
        stop_at(reader, mark, "an alias of an anchor that is not there, expected one that was given before");
        return NULL;
    }
    if (is_open(reader, node)) {
        stop_at(reader, mark, "an alias inside of its own anchor, expected one outside");
        return NULL;
    }
    int deepest = 0;
    measure(node, reader->depth, &reader->expanded, &deepest);
    if (reader->expanded > DOCUMENT_MAX_BYTES) {
        stop_at(reader, mark, "anchors expand past 1 MiB, expected at most 1 MiB (1048576 bytes)");
        return NULL;
    }
    if (deepest > DOCUMENT_MAX_DEPTH) {
        stop_at(reader, mark, "nested deeper than 64 lists and objects, expected at most 64");
        return NULL;
    }
    return document_clone(node);
}

/* A node in the place of a key: its text becomes the name of a member whose value comes next. The node itself
 * is kept until the end, because it may have an anchor. */
static void place_key(struct reader *reader, struct document *map, struct document *key, bool plain)
{
    document_add(&reader->keys, NULL, key);
    const char *fault = NULL;
    if (key->kind != DOCUMENT_TEXT)
        fault = "a key that is not text, expected text (put quotes around it)";
    else if (plain && strcmp(key->text, "<<") == 0)
        fault = "a merge key, expected the keys themselves: merge keys are not part of YAML 1.2";
    if (fault)
        document_fault(reader->report, key->line, key->column, NULL, "%s", fault);
    document_add(map, fault ? NULL : key->text, document_create(DOCUMENT_NULL));
    map->members[map->count - 1].line = key->line;
    map->members[map->count - 1].column = key->column;
}

static void place(struct reader *reader, struct document *node, bool plain)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    struct open_container *parent = &reader->open[reader->depth - 1];
    if (parent->node->kind == DOCUMENT_LIST) {
        document_add(parent->node, NULL, node);
        return;
    }
    if (parent->key_is_next) {
        place_key(reader, parent->node, node, plain);
    } else {
        struct document_member *member = &parent->node->members[parent->node->count - 1];
        document_destroy(member->value);
        member->value = node;
    }
    parent->key_is_next = !parent->key_is_next;
}

static void open_container(struct reader *reader, struct document *node, const yaml_mark_t *mark)
{
    if (reader->depth == DOCUMENT_MAX_DEPTH) {
        stop_at(reader, mark, "nested deeper than 64 lists and objects, expected at most 64");
        return;
    }
    reader->open[reader->depth++] =
        (struct open_container){.node = node, .key_is_next = node->kind == DOCUMENT_MAP};
}

static void check_tag(struct reader *reader, const yaml_char_t *tag, const yaml_mark_t *mark)
{
    if (tag)
        fault_at(reader, mark, "a tag, expected a plain value: tags are not part of the profile's YAML");
}

static void take_container(struct reader *reader, const yaml_event_t *event)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *anchor = map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    check_tag(reader, tag, &event->start_mark);
    struct document *node = node_at(map ? DOCUMENT_MAP : DOCUMENT_LIST, &event->start_mark);
    place(reader, node, false);
    remember_anchor(reader, anchor, node);
    open_container(reader, node, &event->start_mark);
}

static void take_scalar(struct reader *reader, const yaml_event_t *event)
{
    check_tag(reader, event->data.scalar.tag, &event->start_mark);
    struct document *node = make_scalar(reader, event);
    place(reader, node, event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    remember_anchor(reader, event->data.scalar.anchor, node);
}

static void take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (reader->closed)
            stop_at(reader, &event->start_mark, "a second document, expected one");
        break;
    case YAML_DOCUMENT_END_EVENT:
        reader->closed = true;
        break;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        take_container(reader, event);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        reader->depth--;
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(reader, event);
        break;
    case YAML_ALIAS_EVENT: {
        struct document *node = expand_alias(reader, event);
        if (node)
            place(reader, node, false);
        break;
    }
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        break;
    }
}

static void report_syntax(struct reader *reader, const char *data, size_t length)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        abort();
    int line = (int)parser->problem_mark.line + 1;
    int column = (int)parser->problem_mark.column + 1;
    if (parser->error == YAML_READER_ERROR)
        document_position(data, parser->problem_offset < length ? parser->problem_offset : length, &line,
                          &column);
    document_fault(reader->report, line, column, NULL, "not valid YAML: %s%s%s, expected YAML 1.2",
                   parser->context ? parser->context : "", parser->context ? ", " : "",
                   parser->problem ? parser->problem : "it cannot be read");
    reader->stopped = true;
}

static void read_events(struct reader *reader, const char *data, size_t length)
{
    bool ended = false;
    while (!ended && !reader->stopped) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_syntax(reader, data, length);
            return;
        }
        take_event(reader, &event);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

static void reader_finish(struct reader *reader)
{
    yaml_parser_delete(&reader->parser);
    for (size_t i = 0; i < reader->anchor_count; i++)
        free(reader->anchors[i].name);
    free(reader->anchors);
    for (size_t i = 0; i < reader->keys.count; i++)
        document_destroy(reader->keys.members[i].value);
    free(reader->keys.members);
}

struct document *document_read_yaml(const char *data, size_t length, const struct document_report *report)
{
    struct reader reader = {.report = report, .keys = {.kind = DOCUMENT_LIST}};
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)data, length);
    read_events(&reader, data, length);
    reader_finish(&reader);
    if (reader.stopped) {
        document_destroy(reader.root);
        return NULL;
    }
    if (!reader.root) /* comments alone */
        document_fault(report, 1, 1, NULL, "the document is empty, expected an object");
    return reader.root;
}

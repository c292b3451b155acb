/*
 * JSON and YAML as one tree whose nodes know where they stand.
 *
 * JSON is read exactly as RFC 8259 has it, YAML by its 1.2 core schema with less: only `true` and `false` are
 * booleans, numbers are decimal; merge keys, tags, a second document and keys that are not text are faults.
 * Both: UTF-8 with or without a BOM, at most DOCUMENT_MAX_BYTES, at most DOCUMENT_MAX_DEPTH lists and maps
 * inside one another. U+0000 is a fault, so that every text is a C string.
 *
 * A tree owns its nodes and their strings; document_destroy frees it. Nodes may be changed in place.
 */
#ifndef SIDECARD_BASE_DOCUMENT_H
#define SIDECARD_BASE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

#define DOCUMENT_MAX_BYTES ((size_t)1024 * 1024)
#define DOCUMENT_MAX_DEPTH 64

enum document_format { DOCUMENT_JSON, DOCUMENT_YAML };

enum document_kind {
    DOCUMENT_NULL, /* not given */
    DOCUMENT_BOOLEAN,
    DOCUMENT_NUMBER,
    DOCUMENT_TEXT,
    DOCUMENT_LIST,
    DOCUMENT_MAP,
    DOCUMENT_INVALID, /* something stood here that a checker has reported; never made by a reader */
};

struct document {
    enum document_kind kind;
    int line;   /* from 1; 0: it comes from no file */
    int column; /* from 1, in characters */
    bool boolean;
    double number;
    char *text;                      /* TEXT: the value; NUMBER: as it was written; else NULL */
    struct document_member *members; /* MAP and LIST, in the order of the file */
    size_t count;
    size_t capacity;
};

struct document_member {
    char *key; /* NULL in a list */
    int line;  /* of the key */
    int column;
    struct document *value; /* never NULL */
};

/* Is told of every fault; path is NULL where the fault is of no single key. Strings are valid during the call
 * only. */
struct document_report {
    void (*fault)(void *context, int line, int column, const char *path, const char *message);
    void *context;
};

/* The tree, or NULL where it could not be read to its end. A tree whose faults (duplicate keys, tags, ...)
 * let reading go on is given as well, without the members at fault: whoever must know whether there were any
 * asks its report. */
struct document *document_read(enum document_format format, const char *data, size_t length,
                               const struct document_report *report);

void document_destroy(struct document *node);
struct document *document_clone(const struct document *node);

struct document *document_create(enum document_kind kind);

/* Adds value, which the map or list then owns, and returns it; key is NULL for a list. */
struct document *document_add(struct document *parent, const char *key, struct document *value);

/* The member of that name, or NULL; also NULL where node is no map or NULL. */
const struct document_member *document_member(const struct document *node, const char *key);

/* The value of that name, NULL where it is not there or null. */
const struct document *document_get(const struct document *node, const char *key);

enum document_null { DOCUMENT_NULL_KEEPS, DOCUMENT_NULL_REMOVES };

/* Lays `over` on `base`: maps key by key, anything else replaces. What a null in `over` does is the caller's
 * choice. */
void document_merge(struct document *base, const struct document *over, enum document_null null_does);

/* Sets every line and column below node to 0: it comes from no file that a user knows. */
void document_forget_places(struct document *node);

/* A number without a fraction that fits in 53 bits. */
bool document_is_integer(const struct document *node);

/* The tree as JSON, owned by the caller. */
struct cJSON *document_to_json(const struct document *node);

/* What stands there, for a message: "80a" in quotes, 70000 as written, a list, an object; owned by the
 * caller. */
char *document_describe(const struct document *node);

/* The way from the root to a node; built on the stack while walking down. key NULL: the index of a list. */
struct document_path {
    const struct document_path *parent;
    const char *key;
    size_t index;
};

/* "sidecars.web.command[2]"; NULL for NULL; owned by the caller. Keys with other characters stand as ["..."].
 */
char *document_path_text(const struct document_path *path);

#endif

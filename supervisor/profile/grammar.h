/*
 * The grammar of a profile: which keys there are, where, and what may stand behind each. One table says it
 * all (grammar.c); check.c walks it, and a test holds schemas/runtime-profile.schema.json against it key by
 * key.
 *
 * A key whose value is null counts as not given, everywhere but inside a list.
 */
#ifndef SIDECARD_PROFILE_GRAMMAR_H
#define SIDECARD_PROFILE_GRAMMAR_H

#include <stdbool.h>

enum rule_type {
    RULE_ANY,  /* no check */
    RULE_TEXT, /* `minimum` characters at least, and `pattern` */
    RULE_BOOLEAN,
    RULE_INTEGER,  /* from minimum to maximum */
    RULE_NUMBER,   /* from minimum to maximum */
    RULE_WORD,     /* one of `words` and nothing else */
    RULE_DURATION, /* base/quantity.h; minimum 1: not zero */
    RULE_SIZE,     /* base/quantity.h; minimum 1: not zero */
    RULE_STATUS,   /* an HTTP status, a range "200-299", or a list of both */
    RULE_LIST,     /* of `items`, `minimum` at least; the first may have a rule of its own */
    RULE_MAP,      /* any keys that match `pattern`, each with a value by `items` */
    RULE_OBJECT,   /* `keys` */
};

struct rule {
    enum rule_type type;
    double minimum;
    double maximum;
    const char
        *pattern; /* a regular expression that PCRE2 and ECMA-262 read alike: the schema has the same */
    const char *expected; /* what a message says was expected; NULL: put together from the rule */
    const char *const
        *words; /* ends with NULL; of another type than RULE_WORD: texts that are good as well */
    const struct rule *items;
    const struct rule *first;
    const struct key *keys;          /* ends with a name that is NULL */
    bool open;                       /* an object that takes unknown keys */
    const char *const *alternatives; /* of an object: at most one of these keys; ends with NULL */
};

enum presence {
    KEY_OPTIONAL,
    KEY_REQUIRED,
    KEY_REQUIRED_WITHOUT_ROLE, /* of a sidecar that neither has a role nor bears a role's name */
};

struct key {
    const char *name;
    const struct rule *rule;
    enum presence presence;
};

/* The whole document. */
extern const struct rule grammar_profile;

/* What status texts look like, alone and as a range. */
extern const char grammar_status_pattern[];

/* The kinds of probe, ends with NULL. */
extern const char *const grammar_probe_kinds[];

#endif

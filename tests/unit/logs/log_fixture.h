/* A log in a folder of its own, and what the tests ask of its files. */
#ifndef SIDECARD_TESTS_LOG_FIXTURE_H
#define SIDECARD_TESTS_LOG_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "logs/log.h"

struct cJSON;

#define FIXTURE_FIRST_SEQ INT64_C(1767225600123456)
#define FIXTURE_NOW_MS    INT64_C(1767225600123)

struct fixture {
    char *home;   /* removed at the end */
    char *folder; /* home/logs */
    struct log_plan plan;
    struct log *log; /* NULL: none is open */
    int failures;    /* how often file_changed told of trouble */
    int resumptions;
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* A log named "web" by fixture->plan. redactor may be NULL. */
void fixture_open(struct fixture *fixture, struct redactor *redactor);
void fixture_close(struct fixture *fixture);

void fixture_out(struct fixture *fixture, const char *text);
void fixture_err(struct fixture *fixture, const char *text);

/* The content of a file in folder, owned by the caller; NULL where there is none. */
char *fixture_read(const struct fixture *fixture, const char *name);

void assert_file(const struct fixture *fixture, const char *name, const char *wanted);

/* The texts of the lines in what log_tail and logs_read_tail give, with | between them; deletes it. */
char *fixture_texts(struct cJSON *tail);

void assert_tail(const struct fixture *fixture, const char *wanted);

#endif

/* A feed in a folder of its own, and what the tests ask of its files. */
#ifndef SIDECARD_TESTS_FEED_FIXTURE_H
#define SIDECARD_TESTS_FEED_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "feed/feed.h"

struct cJSON;

struct fixture {
    uv_loop_t loop;
    char *home;     /* removed at the end */
    char *folder;   /* home/runtime */
    char *snapshot; /* in folder */
    char *journal;
    struct feed *feed; /* NULL: none is open */
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* options.folder is set here. */
void fixture_open(struct fixture *fixture, struct feed_options options);
void fixture_close(struct fixture *fixture);

/* Runs the loop so long. */
void fixture_run(struct fixture *fixture, int milliseconds);

/* Runs the loop until there is no such file, or there is, at most so long; whether it came to that. */
bool fixture_run_until_file(struct fixture *fixture, const char *path, bool there, int milliseconds);

/* Runs the loop until feed_error tells of nothing any more, at most so long; whether it came to that. */
bool fixture_run_until_well(struct fixture *fixture, int milliseconds);

/* Adds notices "event <number>" from first to last. */
void fixture_add(struct fixture *fixture, int first, int last);

/* What is kept, as objects, oldest first; to be deleted. */
struct cJSON *fixture_events(const struct fixture *fixture);

/* How many kept events are of this kind. */
int fixture_count_kind(const struct fixture *fixture, const char *kind);

/* The snapshot, parsed as a whole; NULL where it is no valid document. */
struct cJSON *fixture_read_snapshot(const struct fixture *fixture);

/* Text files. */
char *fixture_read(const char *path);
void fixture_write(const char *path, const char *content);
void fixture_append(const char *path, const char *content);

/* A line of a journal. */
char *fixture_journal_line(int seq, const char *message);

#endif

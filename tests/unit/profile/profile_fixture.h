/*
 * A machine of the test's own: its environment, its files, its folders. Everything is set up by world_begin
 * and gone after world_end; the profile in the tests is "/p/sidecard.yaml" unless it is JSON.
 */
#ifndef SIDECARD_TESTS_PROFILE_FIXTURE_H
#define SIDECARD_TESTS_PROFILE_FIXTURE_H

#include "plan/plan.h"
#include "profile/profile.h"

extern struct plan_flags flags;
extern struct plan plan;
extern struct problems problems;
extern int picked_ports; /* how often a free port was asked for; the first is 40001 */

int world_begin(void **state);
int world_end(void **state);

void world_set(const char *name, const char *value); /* a variable */
void world_add_program(const char *path);            /* a file that can be executed */
void world_add_file(const char *path);               /* one that cannot */
void world_remove_folder(const char *path);          /* every folder is there, but for those */

/* Parses and builds; a text that begins with '{' is JSON. */
void build(const char *text);

/* The same, and asserts that there was no problem. The sidecar of that name; NULL: none. */
const struct sidecar_plan *planned(const char *text, const char *name);

/* Asserts the problems' lines, joined by line breaks. */
void assert_problems(const char *text, const char *lines);

/* A list joined by blanks, good until the next call. */
const char *joined(const struct strings *list);

#endif

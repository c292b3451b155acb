/*
 * Lines to a terminal, a pipe or a file by a thread of its own, so that a terminal stopped with Ctrl-S or a
 * pipe that nobody reads never holds the loop up. What there is no room for is dropped, and how much is said
 * once there is room again. Where nobody reads any more (EPIPE, EIO), lines go nowhere.
 */
#ifndef SIDECARD_CLI_OUTLET_H
#define SIDECARD_CLI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

struct outlet;

/* fd stays the caller's, and blocking: it may be shared with other programs. */
struct outlet *outlet_create(int fd);

/* Whole lines, each with its newline. */
void outlet_write(struct outlet *outlet, const char *lines, size_t length);

/* Waits for what is not written yet, for a second at most. Takes NULL. */
void outlet_destroy(struct outlet *outlet);

/* Whether two descriptors lead to the same place: then one outlet for both keeps the order of lines. */
bool outlet_same_place(int a, int b);

#endif

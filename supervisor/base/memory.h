/*
 * Small allocations that cannot fail: out of memory aborts, because nothing sensible can be done about it and an abort
 * leaves no orphan. Whatever outside input sizes is bounded by its reader before it comes here.
 */
#ifndef SIDECARD_BASE_MEMORY_H
#define SIDECARD_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory for count objects of size bytes; the caller frees it with free(). */
void *memory_new(size_t count, size_t size);

/* As realloc(), for count objects; new bytes are not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of text, owned by the caller; NULL stays NULL. */
char *memory_copy_text(const char *text);

/* A copy of the first length bytes of data with a NUL behind them, owned by the caller. */
char *memory_copy_bytes(const char *data, size_t length);

/* Makes room for one more object in a growing array: doubles *capacity when count has reached it. */
void *memory_grow(void *old, size_t count, size_t *capacity, size_t size);

#endif

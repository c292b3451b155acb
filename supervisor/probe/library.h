/*
 * Libraries that are dear in memory (libcurl 6 MiB, the MongoDB driver another 6) and needed by some profiles
 * only: they are loaded at their first use, and never unloaded.
 *
 * Who uses one lists its functions once, each with the name that it has in the struct:
 *
 *      #define DRIVER_FUNCTIONS(X) X(init, mongoc_init) X(close, mongoc_client_destroy)
 *      struct driver { DRIVER_FUNCTIONS(LIBRARY_MEMBER) };
 *      static const char *const names[] = { DRIVER_FUNCTIONS(LIBRARY_NAME) };
 *
 * and has library_load fill the struct, which is nothing but these pointers, in this order.
 */
#ifndef SIDECARD_PROBE_LIBRARY_H
#define SIDECARD_PROBE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#define LIBRARY_MEMBER(member, function) __typeof__(&(function)) member;
#define LIBRARY_NAME(member, function)   #function,

/*
 * Fills the `count` pointers at `functions` with the functions of these names. False with *reason filled (one
 * line for a person, owned by the caller) where the library or one of them is missing. May read from disk.
 */
bool library_load(const char *file, const char *const *names, size_t count, void *functions, char **reason);

#endif

/*
 * Asks a MongoDB server whether it answers. Blocks: for threads of its own only (mongo_workers.h).
 */
#ifndef SIDECARD_PROBE_MONGO_PING_H
#define SIDECARD_PROBE_MONGO_PING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct mongo_question {
    const char *uri;
    bool primary; /* it must also say that it takes writes */
    int32_t timeout_ms;
    const atomic_bool *called_off; /* nobody waits for the answer any more */
};

/*
 * False with *reason filled (one line for a person, owned by the caller). Takes timeout_ms where the server
 * is silent, at the very most four times that: the driver bounds the connection and each answer on their own.
 */
bool mongo_ping(const struct mongo_question *question, char **reason);

#endif

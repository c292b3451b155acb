#ifndef SIDECARD_PROBE_MONGO_LIBRARY_H
#define SIDECARD_PROBE_MONGO_LIBRARY_H

#include <mongoc/mongoc.h>

#include "library.h"

#define MONGO_LIBRARY_FUNCTIONS(X)                                                                           \
    X(log_set_handler, mongoc_log_set_handler)                                                               \
    X(init, mongoc_init)                                                                                     \
    X(uri_new, mongoc_uri_new_with_error)                                                                    \
    X(uri_set_int32, mongoc_uri_set_option_as_int32)                                                         \
    X(uri_set_bool, mongoc_uri_set_option_as_bool)                                                           \
    X(uri_get_hosts, mongoc_uri_get_hosts)                                                                   \
    X(uri_destroy, mongoc_uri_destroy)                                                                       \
    X(client_new, mongoc_client_new_from_uri_with_error)                                                     \
    X(client_set_error_api, mongoc_client_set_error_api)                                                     \
    X(client_command, mongoc_client_command_simple)                                                          \
    X(client_reset, mongoc_client_reset)                                                                     \
    X(client_destroy, mongoc_client_destroy)                                                                 \
    X(document_init, bson_init)                                                                              \
    X(append_int32, bson_append_int32)                                                                       \
    X(document_destroy, bson_destroy)                                                                        \
    X(find, bson_iter_init_find)                                                                             \
    X(as_bool, bson_iter_as_bool)

struct mongo_library {
    MONGO_LIBRARY_FUNCTIONS(LIBRARY_MEMBER)
};

/* The MongoDB driver, loaded and initialised at the first call; NULL where that fails. On any thread. */
const struct mongo_library *mongo_library_get(void);

#endif

#ifndef SIDECARD_PROBE_CURL_LIBRARY_H
#define SIDECARD_PROBE_CURL_LIBRARY_H

#include <curl/curl.h>

#include "library.h"

#define CURL_LIBRARY_FUNCTIONS(X)                                                                            \
    X(global_init, curl_global_init)                                                                         \
    X(easy_init, curl_easy_init)                                                                             \
    X(easy_reset, curl_easy_reset)                                                                           \
    X(easy_cleanup, curl_easy_cleanup)                                                                       \
    X(easy_setopt, curl_easy_setopt)                                                                         \
    X(easy_getinfo, curl_easy_getinfo)                                                                       \
    X(easy_strerror, curl_easy_strerror)                                                                     \
    X(slist_append, curl_slist_append)                                                                       \
    X(slist_free_all, curl_slist_free_all)                                                                   \
    X(multi_init, curl_multi_init)                                                                           \
    X(multi_cleanup, curl_multi_cleanup)                                                                     \
    X(multi_setopt, curl_multi_setopt)                                                                       \
    X(multi_assign, curl_multi_assign)                                                                       \
    X(multi_add_handle, curl_multi_add_handle)                                                               \
    X(multi_remove_handle, curl_multi_remove_handle)                                                         \
    X(multi_socket_action, curl_multi_socket_action)                                                         \
    X(multi_info_read, curl_multi_info_read)

struct curl_library {
    CURL_LIBRARY_FUNCTIONS(LIBRARY_MEMBER)
};

/* libcurl, loaded and initialised at the first call, which takes some 10 ms; NULL where that fails. On any
 * thread. */
const struct curl_library *curl_library_get(void);

/* Whether that was done, so that curl_library_get takes no time. */
bool curl_library_is_loaded(void);

#endif

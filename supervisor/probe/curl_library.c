#include "curl_library.h"

#include <stdlib.h>

const struct curl_library *curl_library_get(void)
{
    static const char *const names[] = {CURL_LIBRARY_FUNCTIONS(LIBRARY_NAME)};
    static struct curl_library library;
    static bool tried;
    static bool good;
    if (!tried) {
        char *reason = NULL;
        good =
            library_load(SIDECARD_LIBCURL_FILE, names, sizeof(names) / sizeof(names[0]), &library, &reason) &&
            library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
        free(reason);
        tried = true;
    }
    return good ? &library : NULL;
}

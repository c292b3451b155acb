#include "curl_library.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

static struct curl_library library;
static bool good;
static atomic_bool loaded;

static void load(void)
{
    static const char *const names[] = {CURL_LIBRARY_FUNCTIONS(LIBRARY_NAME)};
    char *reason = NULL;
    good = library_load(SIDECARD_LIBCURL_FILE, names, sizeof(names) / sizeof(names[0]), &library, &reason) &&
           library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    free(reason);
    atomic_store(&loaded, true);
}

const struct curl_library *curl_library_get(void)
{
    static uv_once_t once = UV_ONCE_INIT;
    uv_once(&once, load);
    return good ? &library : NULL;
}

bool curl_library_is_loaded(void)
{
    return atomic_load(&loaded);
}

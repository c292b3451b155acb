#include "mongo_library.h"

#include <stdlib.h>
#include <uv.h>

static struct mongo_library library;
static bool good;

static void say_nothing(mongoc_log_level_t level, const char *domain, const char *message, void *context)
{
}

static void load(void)
{
    static const char *const names[] = {MONGO_LIBRARY_FUNCTIONS(LIBRARY_NAME)};
    char *reason = NULL;
    good = library_load(SIDECARD_LIBMONGOC_FILE, names, sizeof(names) / sizeof(names[0]), &library, &reason);
    free(reason);
    if (!good)
        return;
    /* Before init, which logs itself. Never undone: a thread may still be in the driver at the end. */
    library.log_set_handler(say_nothing, NULL);
    library.init();
}

const struct mongo_library *mongo_library_get(void)
{
    static uv_once_t once = UV_ONCE_INIT;
    uv_once(&once, load);
    return good ? &library : NULL;
}

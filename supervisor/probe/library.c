#include "library.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"
#include "base/text.h"

bool library_load(const char *file, const char *const *names, size_t count, void *functions, char **reason)
{
    static_assert(sizeof(void *) == sizeof(void (*)(void)), "functions are found as data");
    uv_lib_t *library = memory_new(1, sizeof(*library));
    bool good = uv_dlopen(file, library) == 0;
    for (size_t i = 0; good && i < count; i++) {
        void *function = NULL;
        good = uv_dlsym(library, names[i], &function) == 0;
        memcpy((char *)functions + i * sizeof(function), &function, sizeof(function));
    }
    if (!good) {
        *reason = text_format("%s cannot be loaded: %s", file, uv_dlerror(library));
        uv_dlclose(library);
    }
    free(library);
    return good;
}

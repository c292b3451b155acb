#include "path.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

bool path_is_absolute(const char *path)
{
    return path[0] == '/';
}

char *path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool has_slash = length > 0 && folder[length - 1] == '/';
    return text_format("%s%s%s", folder, has_slash ? "" : "/", name);
}

/* Takes the last part off a path that is kept without trailing slashes. */
static void remove_last_part(struct text *path)
{
    while (path->length > 0 && path->data[path->length - 1] != '/')
        path->length--;
    if (path->length > 0)
        path->length--;
    if (path->data)
        path->data[path->length] = '\0';
}

static char *normalise(const char *path)
{
    struct text clean = {0};
    while (*path) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (length == 2 && strncmp(path, "..", 2) == 0) {
            remove_last_part(&clean);
        } else if (length > 0 && !(length == 1 && path[0] == '.')) {
            text_append(&clean, "/");
            text_append_bytes(&clean, path, length);
        }
        path += length;
    }
    if (clean.length == 0)
        text_append(&clean, "/");
    return text_take(&clean);
}

char *path_absolute(const char *folder, const char *path)
{
    if (path_is_absolute(path))
        return normalise(path);
    char *joined = path_join(folder, path);
    char *absolute = normalise(joined);
    free(joined);
    return absolute;
}

char *path_expand_home(const char *path, const char *home)
{
    if (path[0] != '~' || (path[1] != '\0' && path[1] != '/'))
        return memory_copy_text(path);
    return text_format("%s%s", home, path + 1);
}

char *path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return memory_copy_text(".");
    return slash == path ? memory_copy_text("/") : memory_copy_bytes(path, (size_t)(slash - path));
}

const char *path_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

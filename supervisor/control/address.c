#include "address.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/files.h"

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] == '/' ? value : NULL;
}

struct address_world address_this_world(void)
{
    return (struct address_world){
        .runtime_dir = variable("XDG_RUNTIME_DIR"), .home = variable("HOME"), .uid = (long)geteuid()};
}

bool address_fits(const char *path)
{
    return strlen(path) <= ADDRESS_SOCKET_MAX;
}

char *address_hash(const char *folder)
{
    /* FNV-1a, 64 bits: offset basis and prime as published. */
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = folder; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    return text_format("%016llx", (unsigned long long)hash);
}

static char *short_folder(const struct address_world *world)
{
    return text_format("/tmp/sidecard-%ld", world->uid);
}

char *address_socket(const char *folder, const struct address_world *world)
{
    char *path = text_format("%s/sidecard.sock", folder);
    if (address_fits(path))
        return path;
    free(path);
    char *hash = address_hash(folder);
    path = world->runtime_dir ? text_format("%s/sidecard/%s.sock", world->runtime_dir, hash) : NULL;
    if (!path || !address_fits(path)) {
        free(path);
        char *below_tmp = short_folder(world);
        path = text_format("%s/%s.sock", below_tmp, hash);
        free(below_tmp);
    }
    free(hash);
    return path;
}

char *address_runtime_file(const char *folder)
{
    return text_format("%s/runtime.json", folder);
}

char *address_running_folder(const struct address_world *world)
{
    if (world->runtime_dir)
        return text_format("%s/sidecard/running", world->runtime_dir);
    return world->home ? text_format("%s/.cache/sidecard/running", world->home) : NULL;
}

static int check_own_folder(const char *folder, const struct address_world *world, struct error *error)
{
    struct stat status;
    if (lstat(folder, &status) != 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot use %s", folder);
    if (!S_ISDIR(status.st_mode) || (long)status.st_uid != world->uid) {
        error_set(error, ERROR_REFUSED, "%s is not a folder of this user", folder);
        error_remedy(error, "set XDG_RUNTIME_DIR, or choose a shorter data_dir");
        return ERROR_REFUSED;
    }
    if ((status.st_mode & 077) != 0 && chmod(folder, 0700) != 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot close %s to others", folder);
    return 0;
}

int address_secure_folder(const char *socket_path, const struct address_world *world, struct error *error)
{
    char *folder = memory_copy_bytes(socket_path, (size_t)(strrchr(socket_path, '/') - socket_path));
    char *below_tmp = short_folder(world);
    char *below_runtime = text_format("%s/sidecard", world->runtime_dir ? world->runtime_dir : "");
    int result = 0;
    if (strcmp(folder, below_tmp) == 0 || (world->runtime_dir && strcmp(folder, below_runtime) == 0)) {
        result = files_make_folders(folder, error);
        if (result == 0)
            result = check_own_folder(folder, world, error);
    }
    free(folder);
    free(below_tmp);
    free(below_runtime);
    return result;
}

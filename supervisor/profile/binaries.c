#include "binaries.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"

static const struct {
    const char *platform;
    const char *triple; /* what bundlers append to a program's name */
} platforms[] = {
    {"linux-x64", "x86_64-unknown-linux-gnu"}, {"linux-arm64", "aarch64-unknown-linux-gnu"},
    {"darwin-x64", "x86_64-apple-darwin"},     {"darwin-arm64", "aarch64-apple-darwin"},
    {"win32-x64", "x86_64-pc-windows-msvc"},
};

const char *binary_platform(void)
{
    return SIDECARD_PLATFORM;
}

static const char *target_triple(void)
{
    for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
        if (strcmp(platforms[i].platform, SIDECARD_PLATFORM) == 0)
            return platforms[i].triple;
    return SIDECARD_PLATFORM;
}

void binary_finish(struct binary *binary)
{
    free(binary->path);
    free(binary->not_executable);
    free(binary->ignored);
    strings_finish(&binary->searched);
    *binary = (struct binary){0};
}

/* Takes path. True where it is the program. */
static bool try_path(struct binary *binary, const struct plan_world *world, char *path)
{
    if (world->is_executable(path)) {
        binary->path = path;
        return true;
    }
    if (!binary->not_executable && world->is_file(path))
        binary->not_executable = memory_copy_text(path);
    if (strings_contain(&binary->searched, path))
        free(path);
    else
        strings_take(&binary->searched, path);
    return false;
}

/* Calls try_path for name in every folder of a PATH. Empty parts, which would mean the current folder, are
 * passed over: what runs must not depend on where one stands. */
static bool try_search_path(struct binary *binary, const struct plan_world *world, const char *search_path,
                            const char *name)
{
    while (search_path && *search_path) {
        size_t length = strcspn(search_path, ":");
        char *folder = memory_copy_bytes(search_path, length);
        bool found = length > 0 && try_path(binary, world, path_join(folder, name));
        free(folder);
        if (found)
            return true;
        search_path += length + (search_path[length] == ':');
    }
    return false;
}

static const char *environment_path(const struct plan_world *world)
{
    return strings_variable(world->environment, "PATH");
}

/* A path or, without a slash, the name of a program on PATH. */
static bool try_given(struct binary *binary, const struct binary_wish *wish, const char *given,
                      const char *folder)
{
    char *expanded = path_expand_home(given, wish->home ? wish->home : "~");
    bool has_slash = strchr(expanded, '/') != NULL;
    bool found = try_path(binary, wish->world, path_absolute(folder, expanded));
    if (!found && !has_slash)
        found = try_search_path(binary, wish->world, environment_path(wish->world), expanded);
    free(expanded);
    return found;
}

static bool try_flag_and_variable(struct binary *binary, const struct role_traits *traits,
                                  const struct binary_wish *wish)
{
    const char *variable =
        traits->binary_variable ? strings_variable(wish->world->environment, traits->binary_variable) : NULL;
    const char *given[] = {wish->flag, variable};
    for (size_t i = 0; i < 2; i++) {
        if (!given[i] || !*given[i])
            continue;
        if (try_given(binary, wish, given[i], wish->world->current_folder))
            return true;
        if (!binary->ignored)
            binary->ignored =
                text_format("%s names %s", i == 0 ? traits->binary_flag : traits->binary_variable, given[i]);
    }
    return false;
}

static bool is_on_path(const struct plan_world *world, const char *folder)
{
    const char *path = environment_path(world);
    size_t length = strlen(folder);
    while (path && *path) {
        size_t part = strcspn(path, ":");
        if (part == length && strncmp(path, folder, length) == 0)
            return true;
        path += part + (path[part] == ':');
    }
    return false;
}

/* Beside the program, and in the two resources folders. A program that is installed on PATH, such as
 * /usr/bin/sidecard, has not brought its neighbours along: those are found on PATH. */
static bool try_bundled(struct binary *binary, const struct role_traits *traits,
                        const struct binary_wish *wish, const char *name)
{
    const char *beside = wish->world->program_folder;
    char *in_resources = text_format("%s/%s/%s", traits->name, SIDECARD_PLATFORM, name);
    bool found = false;
    if (beside && !is_on_path(wish->world, beside)) {
        found = try_path(binary, wish->world, path_join(beside, name)) ||
                try_path(binary, wish->world, text_format("%s/%s-%s", beside, name, target_triple()));
    }
    if (beside && !found)
        found = try_path(binary, wish->world, text_format("%s/resources/%s", beside, in_resources));
    if (!found)
        found = try_path(binary, wish->world, path_join(wish->resources_dir, in_resources));
    free(in_resources);
    binary->bundled = found;
    return found;
}

void binary_find(const struct role_traits *traits, const struct binary_wish *wish, struct binary *binary)
{
    if (try_flag_and_variable(binary, traits, wish))
        return;
    if (wish->from_profile && try_given(binary, wish, wish->from_profile, wish->profile_folder))
        return;
    for (const char *const *name = traits->binary_names; !traits->binary_on_path_only && *name; name++)
        if (try_bundled(binary, traits, wish, *name))
            return;
    for (const char *const *name = traits->binary_names; *name; name++)
        if (try_search_path(binary, wish->world, environment_path(wish->world), *name))
            return;
}

void binary_find_command(const char *word, const char *cwd, const char *search_path,
                         const struct plan_world *world, struct binary *binary)
{
    if (strchr(word, '/'))
        try_path(binary, world, path_absolute(cwd, word));
    else
        try_search_path(binary, world, search_path, word);
}

/* Where a program lies: first hit wins, and every place that was looked at is kept for the message. */
#ifndef SIDECARD_PROFILE_BINARIES_H
#define SIDECARD_PROFILE_BINARIES_H

#include <stdbool.h>

#include "base/strings.h"
#include "profile.h"
#include "roles.h"

struct binary {
    char *path;              /* NULL: not found */
    bool bundled;            /* found beside the program or in resources */
    char *not_executable;    /* the first file that was there and could not be executed; NULL: none */
    char *ignored;           /* what a flag or variable named and is not there; NULL: none */
    struct strings searched; /* each once, in order */
};

/* What to search with; strings are borrowed and may be NULL but for world and resources_dir. */
struct binary_wish {
    const struct plan_world *world;
    const char *flag;         /* as given, a path or a name for PATH */
    const char *from_profile; /* `binary` of the profile, placeholders expanded */
    const char *profile_folder;
    const char *resources_dir;
    const char *home;
};

/* Searches for a role's program: flag, variable, profile, bundled, PATH. */
void binary_find(const struct role_traits *traits, const struct binary_wish *wish, struct binary *binary);

/* Searches for a command's first word: as it is where absolute, from cwd where it has a slash, else on
 * search_path. */
void binary_find_command(const char *word, const char *cwd, const char *search_path,
                         const struct plan_world *world, struct binary *binary);

void binary_finish(struct binary *binary);

/* The system and processor as bundles name them: "linux-x64". */
const char *binary_platform(void);

#endif

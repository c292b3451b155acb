/*
 * Paths as text; nothing here looks at a disk. Folders are separated by '/', which every system takes.
 * Results are owned by the caller.
 */
#ifndef SIDECARD_BASE_PATH_H
#define SIDECARD_BASE_PATH_H

#include <stdbool.h>

bool path_is_absolute(const char *path);

/* folder + "/" + name. */
char *path_join(const char *folder, const char *name);

/* path counted from folder (which is absolute) where it is relative; then without ".", ".." (taken as text:
 * links are not followed), doubled and trailing slashes. */
char *path_absolute(const char *folder, const char *path);

/* "~" and "~/..." with home in place of "~"; anything else as it is. */
char *path_expand_home(const char *path, const char *home);

/* What stands before the last '/': "/" for "/a", "." for "a". */
char *path_folder(const char *path);

/* What stands behind the last '/'; points into path. */
const char *path_file_name(const char *path);

#endif

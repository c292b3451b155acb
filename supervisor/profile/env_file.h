#ifndef SIDECARD_PROFILE_ENV_FILE_H
#define SIDECARD_PROFILE_ENV_FILE_H

struct sidecar_plan;

/* Sets the variables of a file of KEY=VALUE lines (blank lines and those that begin with '#' aside; values
 * are taken as they stand) in the sidecar's environment. A file that cannot be read, or a line that is none,
 * becomes its launch_error. */
void env_file_read(const char *path, struct sidecar_plan *sidecar);

#endif

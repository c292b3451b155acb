/* What the system tells this process about itself, and what it asks of the system for itself. */
#ifndef SIDECARD_PLATFORM_HOST_H
#define SIDECARD_PLATFORM_HOST_H

#include <stdbool.h>

#include "base/strings.h"

/* The folder that the program lies in; owned by the caller, NULL where the system does not tell. */
char *host_program_folder(void);

char *host_current_folder(void);

/* This process's environment, copied. */
void host_environment(struct strings *environment);

/* Orphans among what descends from this process become its children, instead of leaving its tree. */
bool host_adopt_orphans(void);

/* As many descriptors as the hard limit allows, for the supervisor itself. */
void host_raise_descriptor_limit(void);

/* A write that fails for a reader that is gone, or for a size limit, is an error to handle and no signal to
 * die of. Children get the default back (spawn.h). */
void host_survive_failed_writes(void);

/* A TCP port on 127.0.0.1 that is free now; 0 where there is none. */
int host_free_port(void);

#endif

/* A listening Unix socket that only its user can reach (mode 0600). Inside the room `control` only. */
#ifndef SIDECARD_CONTROL_LISTENING_H
#define SIDECARD_CONTROL_LISTENING_H

#include <uv.h>

#include "base/error.h"

/* Binds and listens; a socket file that nobody serves any more makes room. 0, or a negative code; closing the
 * pipe removes the file. */
int listening_open(uv_pipe_t *pipe, const char *path, uv_connection_cb on_connection, struct error *error);

#endif

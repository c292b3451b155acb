/*
 * Where a supervisor is to be found, as paths: its socket, its runtime.json, its entry among those that run.
 *
 * All strings returned are owned by the caller.
 */
#ifndef SIDECARD_CONTROL_ADDRESS_H
#define SIDECARD_CONTROL_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"

/* What a Unix socket's address can hold without its NUL: 107 bytes on Linux, 103 on macOS. */
#define ADDRESS_SOCKET_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

/* What the paths depend on beside data_dir; NULL: not there. */
struct address_world {
    const char *runtime_dir; /* XDG_RUNTIME_DIR */
    const char *home;
    long uid;
};

struct address_world address_this_world(void);

/* Whether a path is short enough for a socket. */
bool address_fits(const char *path);

/* <folder>/sidecard.sock; where that is too long, sidecard/<hash of folder>.sock below XDG_RUNTIME_DIR, else
 * /tmp/sidecard-<uid>/<hash>.sock. folder is <data_dir>/runtime. */
char *address_socket(const char *folder, const struct address_world *world);

/* <folder>/runtime.json */
char *address_runtime_file(const char *folder);

/* sidecard/running below XDG_RUNTIME_DIR, else ~/.cache; NULL where there is neither. */
char *address_running_folder(const struct address_world *world);

/* The name that stands for folder in the places above: 16 hex digits. */
char *address_hash(const char *folder);

/* Makes sure that the folder of a short socket path is there, is ours and is closed to others: /tmp belongs
 * to everybody. Other paths pass. 0, or a negative code. */
int address_secure_folder(const char *socket_path, const struct address_world *world, struct error *error);

#endif

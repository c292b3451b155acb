/*
 * The control socket: JSON-RPC, one object a line, for clients of the same user (control.md). It runs on a uv
 * loop and is used on that loop's thread alone. The process has to ignore SIGPIPE: a client may go while it
 * is written to.
 *
 * No client can do harm: half a line waits, a flood of requests shares the loop with everything else, one
 * that does not read is not read from either, and where many connect and say nothing the oldest of them make
 * room.
 */
#ifndef SIDECARD_CONTROL_SERVER_H
#define SIDECARD_CONTROL_SERVER_H

#include <stdint.h>
#include <uv.h>

#include "shell_ends.h"
#include "target.h"

struct control_server;

/* Where and as what to be found; all strings are copied. */
struct control_place {
    const char *folder;   /* <data_dir>/runtime, or the fallback's: exists, and its lock is ours */
    const char *data_dir; /* for people */
    const char *socket;   /* control.socket of the profile; NULL: the default place (address.h) */
    const char *mode;     /* "local_fullstack" */
    int64_t started_at_ms;
};

/*
 * Listens, then writes runtime.json; where that cannot be written now (a full disk), control_server_tend() says
 * why and tries again. The tables of target are used until `closed`. ERROR_REFUSED where
 * another process answers on the socket's path, ERROR_SYSTEM where it cannot be made.
 */
int control_server_open(uv_loop_t *loop, const struct control_target *target,
                        const struct control_place *place, struct control_server **server,
                        struct error *error);

/*
 * The shell's channel beside the socket (shell_ends.h): the same requests, and a `heartbeat` notification
 * every 5 s. `gone` is called once, in a turn of the loop of its own, when the shell is gone: its requests
 * were taken up and it will send no more, or it cannot be written to. What it still waits for is answered as
 * usual. Takes the descriptors over in any case; at most once.
 */
int control_server_serve_shell(struct control_server *server, const struct shell_ends *ends,
                               void (*gone)(void *context), void *context, struct error *error);

/* The socket's path: SIDECARD_SOCKET of every child. */
const char *control_server_socket(const struct control_server *server);

/*
 * Sees that it can still be found: where the socket's file or runtime.json is missing, it is made anew. Clients
 * that are connected stay so. 0; else error says what could not be made: call again later.
 */
int control_server_tend(struct control_server *server, struct error *error);

/* Another mode was started: runtime.json says so. */
void control_server_set_mode(struct control_server *server, const char *mode);

/*
 * Takes no more requests, writes out what was answered (at most for 1 s: a client that does not read is not
 * waited for), answers what is still open with -32000, removes runtime.json and the socket, frees the server
 * and calls `closed`, always later. The target may still answer requests that it holds; nobody hears them.
 */
void control_server_close(struct control_server *server, void (*closed)(void *context), void *context);

#endif

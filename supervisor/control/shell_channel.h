/*
 * The shell's channel: a connection over the descriptors that the shell gave us as stdin and stdout, with a
 * heartbeat, and with an eye on whether the shell is still there. Inside the room `control` only.
 *
 * A shell that does not read is not read from (connection.c), so the end of its input would not be seen: both
 * ends are therefore watched for being hung up as well. After the input has hung up, a shell that reads
 * nothing for a second counts as gone, whatever it asked for before.
 */
#ifndef SIDECARD_CONTROL_SHELL_CHANNEL_H
#define SIDECARD_CONTROL_SHELL_CHANNEL_H

#include <uv.h>

#include "base/error.h"
#include "connection.h"
#include "shell_ends.h"

struct shell_channel;

/* Takes the descriptors over in any case. */
int shell_channel_open(uv_loop_t *loop, const struct shell_ends *ends, struct connection_owner *owner,
                       struct dispatcher *dispatcher, struct shell_channel **channel, struct error *error);

/* NULL once it is gone. */
struct connection *shell_channel_connection(const struct shell_channel *channel);

/* Begins to read. `gone` is called once, in a turn of the loop of its own. */
void shell_channel_begin(struct shell_channel *channel, void (*gone)(void *context), void *context);

/* To be called when any connection is gone; knows its own. */
void shell_channel_forget(struct shell_channel *channel, const struct connection *gone);

/* From now on nobody wants to hear that the shell is gone. */
void shell_channel_hush(struct shell_channel *channel);

/* After its connection is gone: waits until what was written is in the file, for 1 s at most, gives the
 * descriptors back as they were, frees the channel and calls closed, later. */
void shell_channel_close(struct shell_channel *channel, void (*closed)(void *context), void *context);

#endif

/*
 * Copies one descriptor to another on a thread of its own, for files, terminals and devices: a loop can wait
 * for pipes and sockets alone. Inside the room `control` only.
 */
#ifndef SIDECARD_CONTROL_STREAM_PUMP_H
#define SIDECARD_CONTROL_STREAM_PUMP_H

struct stream_pump;

/* Owns both descriptors, and closes both at the end of the first or when the second takes no more. NULL where
 * there is no thread to be had; they are closed then. */
struct stream_pump *stream_pump_start(int from, int to);

/* Waits until it has ended, for so long at most, and frees it. A thread that hangs in a read or a write ends
 * with the process, and so does its memory. Takes NULL. */
void stream_pump_finish(struct stream_pump *pump, unsigned wait_ms);

#endif

/* A control server with a fake target on a thread of its own, and raw clients to talk to it. */
#ifndef SIDECARD_TESTS_SERVED_H
#define SIDECARD_TESTS_SERVED_H

#include <stddef.h>
#include <uv.h>

#include "control/server.h"
#include "fake_target.h"

struct served {
    char folder[64];
    char socket[108];
    struct fake_target fake;
    struct control_server *server;
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    uv_sem_t done;
    void (*job)(struct served *served);
    unsigned turns; /* of the loop */
};

void served_begin(struct served *served);

/* Runs job on the server's thread and waits for it. */
void served_do(struct served *served, void (*job)(struct served *served));

/* Closes the server and checks that nothing of it is left. */
void served_end(struct served *served);

int raw_connect(const struct served *served);
void raw_send(int fd, const char *text);
void raw_send_bytes(int fd, const char *data, size_t length);

/* The next line, without its newline, owned by the caller; NULL at the end, or after two silent seconds. */
char *raw_line(int fd);

/* Sends and expects exactly this line. */
void raw_expect(int fd, const char *request, const char *answer);

/* Nothing comes for this long. */
void raw_expect_silence(int fd, int ms);

#endif

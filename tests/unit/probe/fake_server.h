/*
 * A server for probe tests that behaves as told, on threads of its own.
 */
#ifndef SIDECARD_TESTS_FAKE_SERVER_H
#define SIDECARD_TESTS_FAKE_SERVER_H

#include <stdbool.h>

enum fake_behaviour {
    FAKE_ANSWER, /* `answer` to every request, on a kept connection */
    FAKE_SILENT, /* accepts and never answers */
    FAKE_CLOSE,  /* closes at once */
    FAKE_GARBAGE,
    FAKE_SLOW,         /* `answer` after delay_ms */
    FAKE_TRICKLE_HEAD, /* a byte every 5 ms, and no end of the headers */
    FAKE_TRICKLE_BODY, /* `answer`, then a byte every 5 ms */
    FAKE_ENDLESS_HEAD, /* headers as fast as they are taken */
    FAKE_ENDLESS_LINE, /* one header line as fast as it is taken */
    FAKE_GIGABYTE      /* `answer`, then a body as fast as it is taken */
};

struct fake_server;

/* address: "127.0.0.1", "::1", or a path for a Unix socket; port 0 picks a free one. */
struct fake_server *fake_server_start(const char *address, int port, enum fake_behaviour behaviour,
                                      const char *answer, int delay_ms);
void fake_server_stop(struct fake_server *server);

int fake_server_port(const struct fake_server *server);
int fake_server_connections(struct fake_server *server); /* accepted so far */
int fake_server_closed(struct fake_server *server);      /* of them, those that the client has closed */
int fake_server_requests(struct fake_server *server);
long fake_server_sent(struct fake_server *server);
/* The last request's head; valid until the next request. */
const char *fake_server_request(struct fake_server *server);

/* A port on 127.0.0.1 and ::1 that nobody listens on, held so that nobody will. */
int fake_refused_port(void);

#endif

/* URLs as text, as far as a supervisor needs to look into them. */
#ifndef SIDECARD_BASE_URL_H
#define SIDECARD_BASE_URL_H

#include <stdbool.h>

/* Host (without brackets, owned by the caller) and port of a URL; the scheme may be missing. *port becomes
 * default_port where the URL has none. False where there is no host or the port is none. */
bool url_host_port(const char *url, int default_port, char **host, int *port);

/* Whether host means this machine: 127.0.0.0/8, ::1, localhost, or an address that a server binds as "any". */
bool url_host_is_loopback(const char *host);

/* Scheme, host and port: what stands before the path; owned by the caller. */
char *url_origin(const char *url);

/* base + path with exactly one '/' between them; owned by the caller. */
char *url_join(const char *base, const char *path);

/* The URL without "user:password@"; owned by the caller. */
char *url_without_user(const char *url);

#endif

/*
 * The methods that control offers (control.md, 'JSON-RPC 2.0'): one sorted table. Each one answers to
 * `desktop_` and its name as well.
 */
#ifndef SIDECARD_CONTROL_METHODS_H
#define SIDECARD_CONTROL_METHODS_H

struct cJSON;
struct request;
struct session;

/* Checks params, names the request to the target where it changes something, and carries it out or refuses
 * it. */
void methods_dispatch(const struct session *session, struct request *request, const char *name,
                      const struct cJSON *params);

#endif

/*
 * Who answered a ready probe (lifecycle.md, 'Adoption'): the listening socket must belong to the sidecar's
 * own tree, so that yesterday's process, or somebody else's, never passes for today's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "platform/listener.h"
#include "runtime_internal.h"

/* Whether the probe asked a port of this machine that its child should listen on. */
static bool is_local(const struct probe_plan *probe)
{
    if (probe->kind != PROBE_TCP && (probe->kind != PROBE_HTTP || probe->url || probe->unix_socket))
        return false;
    return !probe->host || strcmp(probe->host, "127.0.0.1") == 0 || strcmp(probe->host, "::1") == 0 ||
           strcmp(probe->host, "localhost") == 0;
}

static void tell_exposed(struct sidecar *sidecar, int port)
{
    feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, KIND_SIDECAR_EXPOSED, sidecar->plan->name, NULL,
             "%s can be reached from other machines on port %d; bind it to 127.0.0.1, or say expose: true",
             sidecar->plan->name, port);
}

bool identity_check(struct sidecar *sidecar, struct error *error)
{
    const struct probe_plan *probe = &sidecar->plan->ready;
    struct pid_list tree = {0};
    struct listener listener;
    sidecar->listener = LISTENER_UNCHECKED;
    if (!sidecar->child || !is_local(probe))
        return true;
    child_tree(sidecar->child, &tree);
    bool found = listener_find_among(probe->port, &tree, &listener);
    bool own = found && listener.pid != 0 && pid_list_contains(&tree, listener.pid);
    pid_list_finish(&tree);
    if (!found || listener.pid == 0) {
        sidecar->listener = LISTENER_UNKNOWN;
        return true;
    }
    if (!own) {
        char *who = listener_text(&listener);
        error_set(error, ERROR_PORT_TAKEN, "port %d of %s is answered by %s", probe->port,
                  sidecar->plan->name, who);
        error_remedy(error, "end that program, or give %s another port in local_ports", sidecar->plan->name);
        free(who);
        return false;
    }
    sidecar->listener = LISTENER_OWN;
    if (!listener.loopback && !sidecar->plan->expose)
        tell_exposed(sidecar, probe->port);
    return true;
}

char *identity_elsewhere(struct sidecar *sidecar)
{
    const struct probe_plan *probe = &sidecar->plan->ready;
    struct pid_list tree = {0};
    if (!sidecar->child || !is_local(probe))
        return NULL;
    child_tree(sidecar->child, &tree);
    int port = listener_port_of(&tree);
    pid_list_finish(&tree);
    if (port == 0 || port == probe->port)
        return NULL;
    return text_format("%s listens on %d, expected %d", sidecar->plan->name, port, probe->port);
}

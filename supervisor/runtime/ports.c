#include "ports.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "files/files.h"
#include "platform/host.h"
#include "platform/listener.h"

#define LARGEST_FILE (64 * 1024)

/* An object; empty where the file is missing or is not what we wrote: it only ever holds preferences. */
static cJSON *read_ports(const char *folder)
{
    char *path = text_format("%s/ports.json", folder);
    char *data = NULL;
    size_t length = 0;
    cJSON *ports = NULL;
    if (files_read_whole(path, LARGEST_FILE, &data, &length, NULL) == 0)
        ports = cJSON_ParseWithLength(data, length);
    free(data);
    free(path);
    if (!cJSON_IsObject(ports)) {
        cJSON_Delete(ports);
        ports = cJSON_CreateObject();
    }
    return ports;
}

static int remembered(const cJSON *ports, const char *name)
{
    const cJSON *port = cJSON_GetObjectItemCaseSensitive(ports, name);
    bool good = cJSON_IsNumber(port) && port->valuedouble >= 1 && port->valuedouble <= 65535;
    return good ? port->valueint : 0;
}

static bool is_free(int port)
{
    struct listener listener;
    return !listener_find(port, &listener);
}

int ports_pick(const char *data_dir, const char *sidecar_name)
{
    char *folder = text_format("%s/runtime", data_dir);
    cJSON *ports = read_ports(folder);
    int port = remembered(ports, sidecar_name);
    if (port == 0 || !is_free(port))
        port = host_free_port();
    cJSON_Delete(ports);
    free(folder);
    return port;
}

int ports_remember(const char *folder, const struct plan *plan, struct error *error)
{
    cJSON *ports = read_ports(folder);
    bool changed = false;
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        const struct sidecar_plan *sidecar = &plan->sidecars[i];
        if (!sidecar->port_picked || remembered(ports, sidecar->name) == sidecar->port)
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(ports, sidecar->name);
        cJSON_AddNumberToObject(ports, sidecar->name, sidecar->port);
        changed = true;
    }
    int result = 0;
    if (changed) {
        char *path = text_format("%s/ports.json", folder);
        char *data = cJSON_PrintUnformatted(ports);
        result = files_write_whole(path, data, strlen(data), error);
        cJSON_free(data);
        free(path);
    }
    cJSON_Delete(ports);
    return result;
}

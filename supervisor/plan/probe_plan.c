#include "probe_plan.h"

#include <stdlib.h>

const char *probe_kind_name(enum probe_kind kind)
{
    switch (kind) {
#define PROBE_KIND_CASE(name, wire)                                                                          \
    case PROBE_##name:                                                                                       \
        return wire;
        PROBE_KIND_LIST(PROBE_KIND_CASE)
#undef PROBE_KIND_CASE
    case PROBE_KIND_COUNT:
        break;
    }
    return "none";
}

void probe_plan_finish(struct probe_plan *probe)
{
    free(probe->host);
    free(probe->url);
    free(probe->path);
    free(probe->unix_socket);
    strings_finish(&probe->headers);
    free(probe->statuses);
    free(probe->body);
    strings_finish(&probe->expect_header);
    strings_finish(&probe->expect_json);
    strings_finish(&probe->command);
    free(probe->cwd);
    free(probe->mongo_uri);
    free(probe->pattern);
    free(probe->method);
    free(probe->params);
    *probe = (struct probe_plan){0};
}

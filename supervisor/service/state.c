#include "state.h"

static const char *const names[SERVICE_STATE_COUNT] = {
#define SERVICE_STATE_NAME(name, text) [SERVICE_##name] = text,
    SERVICE_STATE_LIST(SERVICE_STATE_NAME)
#undef SERVICE_STATE_NAME
};

const char *service_state_name(enum service_state state)
{
    return names[state];
}

/*
 * The states of a service. Users see the names on the right (lifecycle.md, 'States'); where two states share
 * a name, the machine has to tell apart what a user need not.
 */
#ifndef SIDECARD_SERVICE_STATE_H
#define SIDECARD_SERVICE_STATE_H

#define SERVICE_STATE_LIST(X)                                                                                \
    X(STOPPED, "stopped")                                                                                    \
    X(WAITING, "waiting")                                                                                    \
    X(LOOKING, "starting") /* before a launch: is the port free, does somebody else serve it already? */     \
    X(STARTING, "starting")                                                                                  \
    X(READY, "ready")                                                                                        \
    X(UNHEALTHY, "unhealthy")                                                                                \
    X(ENDING, "stopping")  /* it failed while it ran (not ready in time, live probe), and is being ended */  \
    X(CLEARING, "backoff") /* its child ended by itself; what remains of the tree is being ended */          \
    X(BACKOFF, "backoff")                                                                                    \
    X(STOPPING, "stopping")                                                                                  \
    X(FAILED, "failed")                                                                                      \
    X(COMPLETED, "completed")                                                                                \
    X(ADOPTED, "adopted")                                                                                    \
    X(REMOTE, "remote")

enum service_state {
#define SERVICE_STATE_ENUM(name, text) SERVICE_##name,
    SERVICE_STATE_LIST(SERVICE_STATE_ENUM)
#undef SERVICE_STATE_ENUM
        SERVICE_STATE_COUNT
};

const char *service_state_name(enum service_state state);

#endif

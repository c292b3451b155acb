/*
 * What a backend says about itself at /runtime/info, asked for once on a loop.
 */
#ifndef SIDECARD_CLI_RUNTIME_INFO_H
#define SIDECARD_CLI_RUNTIME_INFO_H

#include <stdbool.h>
#include <uv.h>

struct runtime_info;

/* fault: one line for a person; NULL: what it says is right. Called once, later; the info is gone behind it.
 */
typedef void (*runtime_info_callback)(void *context, const char *fault);

/* desktop_mode: what its `mode` has to be, and then it has to have a backend_origin too; NULL: any JSON
 * object will do, because it is not ours. */
void runtime_info_ask(uv_loop_t *loop, const char *backend_url, const char *desktop_mode,
                      runtime_info_callback callback, void *context);

/* The check alone; owned by the caller, NULL: right. */
char *runtime_info_fault(int status, const char *body, const char *desktop_mode);

#endif

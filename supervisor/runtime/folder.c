#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/files.h"
#include "files/folder.h"
#include "platform/lock.h"
#include "runtime_internal.h"

static int try_folder(const char *data_dir, char **folder, struct error *error)
{
    char *path = text_format("%s/runtime", data_dir);
    int result = files_make_folders(path, error);
    if (result == 0)
        result = files_check_writable(path, error);
    if (result != 0) {
        free(path);
        return result;
    }
    *folder = path;
    return 0;
}

static int choose(struct runtime *runtime, struct strings *notices, struct error *error)
{
    const struct plan *plan = runtime->plan;
    const char *data_dir = plan->data_dir;
    if (try_folder(data_dir, &runtime->folder, error) != 0) {
        struct error second = {0};
        const char *fallback = plan->fallback_data_dir;
        if (!fallback || strcmp(fallback, data_dir) == 0 ||
            try_folder(fallback, &runtime->folder, &second) != 0) {
            error_remedy(error, "make it writable, or name another with --data-dir or data_dir");
            error_finish(&second);
            return ERROR_SYSTEM;
        }
        strings_take(notices, text_format("%s; the runtime's files are in %s instead", error->message,
                                          runtime->folder));
        error_finish(error);
        data_dir = fallback;
    }
    runtime->logs_folder = text_format("%s/logs", data_dir);
    folder_make(runtime->logs_folder, true); /* where it fails, each log says so */
    return 0;
}

int folder_prepare(struct runtime *runtime, struct strings *notices, struct error *error)
{
    if (choose(runtime, notices, error) != 0)
        return ERROR_SYSTEM;
    char *path = text_format("%s/sidecard.lock", runtime->folder);
    pid_t holder;
    int lock = lock_take(path, &holder, error);
    free(path);
    if (lock == ERROR_REFUSED) {
        char *who = holder ? text_format(" (pid %ld)", (long)holder) : memory_copy_text("");
        error_set(error, ERROR_REFUSED, "sidecard is already running for %s%s", runtime->plan->data_dir, who);
        error_remedy(error, "ask it with 'sidecard status', or end it with 'sidecard shutdown'");
        free(who);
    }
    if (lock < 0)
        return lock;
    runtime->lock = lock;
    return 0;
}

/* ---- a folder that went away ---- */

static int restore(struct runtime *runtime, struct error *error)
{
    char *path = text_format("%s/sidecard.lock", runtime->folder);
    int result = 0;
    if (!lock_is_in_place(runtime->lock, path)) {
        pid_t holder;
        /* Until now another supervisor could begin here: then it is the one to be found. */
        int lock =
            files_make_folders(runtime->folder, error) == 0 ? lock_take(path, &holder, error) : ERROR_SYSTEM;
        if (lock >= 0) {
            lock_release(runtime->lock);
            runtime->lock = lock;
            runtime_write_documents(runtime);
            ledger_renew(runtime->ledger);
        } else {
            result = lock;
        }
    }
    free(path);
    return result != 0 ? result : control_server_tend(runtime->server, error);
}

void folder_tend(struct runtime *runtime)
{
    struct error error = {0};
    if (runtime->phase != PHASE_SERVING || !runtime->server)
        return;
    bool failed = restore(runtime, &error) != 0;
    if (failed && !runtime->cannot_be_found)
        feed_add(runtime->feed, LEVEL_ERROR, KIND_RUNTIME_NOTICE, "runtime", NULL,
                 "%s; commands may not find this runtime", error.message);
    runtime->cannot_be_found = failed;
    error_finish(&error);
}

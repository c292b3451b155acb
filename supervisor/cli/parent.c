#include "parent.h"

#include <unistd.h>

#include "options.h"
#include "platform/process_handle.h"

/* Takes in the orphans: a parent that it has become is a dead one. */
#define INIT_PID 1

static pid_t remembered;

void parent_remember(void)
{
    remembered = getppid();
}

pid_t parent_at_start(void)
{
    return remembered;
}

static int refuse_orphan(struct error *error)
{
    error_set(error, ERROR_NOT_RUNNING,
              "--exit-with-parent: the process that started sidecard is gone already");
    error_remedy(error, "where it is pid 1 itself, say --exit-with-parent=1");
    return ERROR_NOT_RUNNING;
}

int parent_open(const struct option_count *wanted, int *handle, struct error *error)
{
    if (!wanted->has_value && remembered <= INIT_PID)
        return refuse_orphan(error);
    if (wanted->has_value && (remembered == 0 || wanted->value != remembered))
        return error_set(
            error, ERROR_NOT_RUNNING,
            "--exit-with-parent=%lld: this process is gone, or is not the one that started sidecard",
            (long long)wanted->value);
    *handle = process_handle_open_parent(remembered);
    return *handle >= 0 ? 0 : refuse_orphan(error);
}

#include "process_handle.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process_table.h"

/* Linux 6.9; Debian 12's headers do not have it. */
#define SIGNAL_PROCESS_GROUP 4u

int process_handle_open(pid_t pid, uint64_t start_time)
{
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (handle < 0)
        return -1;
    struct process_info info;
    if (!process_read(pid, &info) || info.start_time != start_time) {
        close(handle);
        return -1;
    }
    return handle;
}

int process_handle_open_parent(pid_t pid)
{
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    /* Asked afterwards: a pid that was recycled before it was opened is nobody's parent. */
    if (handle >= 0 && getppid() != pid) {
        close(handle);
        return -1;
    }
    return handle;
}

int process_handle_signal(int handle, int signal)
{
    return syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) == 0 ? 0 : -errno;
}

int process_handle_signal_group(int handle, pid_t leader, int signal)
{
    if (syscall(SYS_pidfd_send_signal, handle, signal, NULL, SIGNAL_PROCESS_GROUP) == 0)
        return 0;
    if (errno != EINVAL)
        return -errno;
    return kill(-leader, signal) == 0 ? 0 : -errno;
}

void process_handle_close(int handle)
{
    if (handle >= 0)
        close(handle);
}

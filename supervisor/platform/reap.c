#include "reap.h"

#include <errno.h>
#include <sys/wait.h>

static bool wait_for(idtype_t kind, pid_t pid, int flags, siginfo_t *info)
{
    int result;
    info->si_pid = 0;
    do
        result = waitid(kind, (id_t)pid, info, flags | WEXITED | WNOHANG);
    while (result != 0 && errno == EINTR);
    return result == 0 && info->si_pid != 0;
}

bool reap_peek(pid_t *pid)
{
    siginfo_t info;
    if (!wait_for(P_ALL, 0, WNOWAIT, &info))
        return false;
    *pid = info.si_pid;
    return true;
}

bool reap_collect(pid_t pid, struct ending *ending)
{
    siginfo_t info;
    if (!wait_for(P_PID, pid, 0, &info))
        return false;
    *ending = (struct ending){.code = -1, .signal = 0};
    if (info.si_code == CLD_EXITED)
        ending->code = info.si_status;
    else
        ending->signal = info.si_status;
    return true;
}

#include "shell_ends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

static bool is_open_for(int fd, int refused)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != refused;
}

/* 0 and 1 must not be what they were; what stands there instead is harmless. */
static int replace(void)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool done = nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
    int why = errno;
    if (nothing > STDERR_FILENO)
        close(nothing);
    errno = why;
    return done ? 0 : -1;
}

int shell_ends_claim(struct shell_ends *ends, pid_t shell, struct error *error)
{
    if (!is_open_for(STDIN_FILENO, O_WRONLY))
        return error_set(error, ERROR_SYSTEM, "--stdio: stdin cannot be read from");
    if (!is_open_for(STDOUT_FILENO, O_RDONLY))
        return error_set(error, ERROR_SYSTEM, "--stdio: stdout cannot be written to");
    *ends = (struct shell_ends){
        .input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
        .output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
        .shell = shell,
    };
    if (ends->input >= 0 && ends->output >= 0 && replace() == 0)
        return 0;
    int why = errno;
    if (ends->input >= 0)
        close(ends->input);
    if (ends->output >= 0)
        close(ends->output);
    return error_set_errno(error, ERROR_SYSTEM, why, "--stdio: cannot take stdin and stdout over");
}

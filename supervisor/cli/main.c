#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "parent.h"

/* A descriptor below 3 that is closed would be given to the next file that is opened, and what we print would
 * end up in it. */
static void fill_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= 2)
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    parent_remember();
    fill_standard_descriptors();
    /* Whoever reads our output, or a client of the socket, may go away at any time. */
    signal(SIGPIPE, SIG_IGN);
    enum exit_code code = command_main(argc, argv);
    if (fflush(stdout) != 0 && code == EXIT_FINE)
        code = EXIT_FAILED;
    return (int)code;
}

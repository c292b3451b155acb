#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int number;
    const char *name;
} known[] = {
    {SIGABRT, "SIGABRT"}, {SIGALRM, "SIGALRM"}, {SIGBUS, "SIGBUS"},   {SIGCHLD, "SIGCHLD"}, {SIGCONT, "SIGCONT"},
    {SIGFPE, "SIGFPE"},   {SIGHUP, "SIGHUP"},   {SIGILL, "SIGILL"},   {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"},
    {SIGPIPE, "SIGPIPE"}, {SIGQUIT, "SIGQUIT"}, {SIGSEGV, "SIGSEGV"}, {SIGSTOP, "SIGSTOP"}, {SIGSYS, "SIGSYS"},
    {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"}, {SIGTSTP, "SIGTSTP"}, {SIGTTIN, "SIGTTIN"}, {SIGTTOU, "SIGTTOU"},
    {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}, {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},
#ifdef SIGWINCH
    {SIGWINCH, "SIGWINCH"},
#endif
};

#define KNOWN_COUNT (sizeof(known) / sizeof(known[0]))

const char *signal_name(int number)
{
    static char unnamed[16];
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (known[i].number == number)
            return known[i].name;
    snprintf(unnamed, sizeof(unnamed), "SIG%d", number);
    return unnamed;
}

int signal_number(const char *name)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(known[i].name, name) == 0 || strcmp(known[i].name + 3, name) == 0)
            return known[i].number;
    return 0;
}

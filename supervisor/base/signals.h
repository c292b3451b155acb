#ifndef SIDECARD_BASE_SIGNALS_H
#define SIDECARD_BASE_SIGNALS_H

/* "SIGKILL" for a number, "SIG42" for one without a name here; the string is static. */
const char *signal_name(int number);

/* The number of "SIGTERM" or "TERM"; 0 where the name is unknown. */
int signal_number(const char *name);

#endif

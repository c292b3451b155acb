/* What --help prints. */
#ifndef SIDECARD_CLI_HELP_H
#define SIDECARD_CLI_HELP_H

struct command;
struct text;

/* The program: what it is, its commands by what one wants of them. */
void help_program(struct text *out);

/* One command: usage, what it does, options, examples. */
void help_command(const struct command *command, struct text *out);

#endif

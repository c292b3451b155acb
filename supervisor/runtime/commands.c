#include <stdlib.h>

#include "base/memory.h"
#include "runtime_internal.h"

/* A program that runs once and whose whole tree is gone before it is done. Its output goes nowhere. */
struct command {
    struct commands *commands;
    struct command *previous, *next;
    struct child *child;
    void (*done)(void *context, int exit_code, int signal);
    void *context;
    int code;
    int signal;
};

struct commands {
    struct runtime *runtime;
    struct command *first;
};

struct commands *commands_create(struct runtime *runtime)
{
    struct commands *commands = memory_new(1, sizeof(*commands));
    commands->runtime = runtime;
    return commands;
}

static void release(struct command *command)
{
    if (command->previous)
        command->previous->next = command->next;
    else
        command->commands->first = command->next;
    if (command->next)
        command->next->previous = command->previous;
    child_destroy(command->child);
    free(command);
}

static void on_exited(void *context, int code, int signal)
{
    struct command *command = context;
    command->code = code;
    command->signal = signal;
    child_kill(command->child);
}

static void on_gone(void *context)
{
    struct command *command = context;
    void (*done)(void *, int, int) = command->done;
    void *done_context = command->context;
    int code = command->code;
    int signal = command->signal;
    release(command);
    if (done)
        done(done_context, code, signal);
}

struct command *command_run(struct commands *commands, const struct strings *arguments, const char *folder,
                            void (*done)(void *context, int exit_code, int signal), void *context,
                            struct error *error)
{
    struct command *command = memory_new(1, sizeof(*command));
    *command = (struct command){.commands = commands, .done = done, .context = context};
    struct child_options options = {
        .arguments = arguments,
        .environment = &commands->runtime->environment,
        .folder = folder,
        .listener = {.context = command, .exited = on_exited, .gone = on_gone},
    };
    if (child_start(commands->runtime->reaper, &options, &command->child, error) != 0) {
        free(command);
        return NULL;
    }
    command->next = commands->first;
    if (command->next)
        command->next->previous = command;
    commands->first = command;
    return command;
}

void command_cancel(struct command *command)
{
    if (!command)
        return;
    command->done = NULL;
    child_kill(command->child);
}

static void *start_exec(void *host, const struct probe_plan *plan, probe_exec_done done, void *context,
                        struct error *error)
{
    return command_run(host, &plan->command, plan->cwd, done, context, error);
}

static void cancel_exec(void *host, void *job)
{
    command_cancel(job);
}

struct probe_exec_host commands_exec_host(struct commands *commands)
{
    return (struct probe_exec_host){.host = commands, .start = start_exec, .cancel = cancel_exec};
}

void commands_destroy(struct commands *commands)
{
    if (!commands)
        return;
    while (commands->first)
        release(commands->first);
    free(commands);
}

#include "child_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "files/files.h"
#include "platform/process_handle.h"
#include "platform/reap.h"
#include "platform/spawn.h"

/* ---- the start ---- */

static int open_stdin(struct child *child, bool hold)
{
    if (!hold)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    child->stdin_fd = ends[1];
    return ends[0];
}

static char *find_program(const struct child_options *options, struct error *error)
{
    const char *name = options->arguments->items[0];
    if (strchr(name, '/'))
        return memory_copy_text(name);
    char *path = files_search_path(name, strings_variable(options->environment, "PATH"));
    if (!path) {
        error_set(error, ERROR_BINARY_NOT_FOUND, "cannot find the program %s in PATH", name);
        error_remedy(error, "install it, or give its path");
    }
    return path;
}

static int spawn_with(struct child *child, const struct child_options *options, const char *program,
                      struct error *error)
{
    int write_fds[2] = {-1, -1};
    int stdin_fd = open_stdin(child, options->hold_stdin);
    if (stdin_fd < 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot open an input for %s", program);
    int failed = output_open(child, write_fds);
    if (failed) {
        close(stdin_fd);
        return error_set_errno(error, ERROR_SYSTEM, failed, "cannot make a pipe for %s", program);
    }
    struct spawned spawned;
    int result = spawn_process(&(struct spawn_options){.program = program,
                                                       .arguments = options->arguments->items,
                                                       .environment = options->environment->items,
                                                       .folder = options->folder,
                                                       .descriptors = {stdin_fd, write_fds[0], write_fds[1]}},
                               &spawned, error);
    close(stdin_fd);
    close(write_fds[0]);
    close(write_fds[1]);
    if (result == 0) {
        child->pid = spawned.pid;
        child->handle = spawned.handle;
    }
    return result;
}

int child_start(struct reaper *reaper, const struct child_options *options, struct child **started,
                struct error *error)
{
    char *program = find_program(options, error);
    if (!program)
        return ERROR_BINARY_NOT_FOUND;
    struct child *child = memory_new(1, sizeof(*child));
    *child =
        (struct child){.reaper = reaper, .handle = -1, .stdin_fd = -1, .outputs = {{.fd = -1}, {.fd = -1}}};
    child->listener = options->listener;
    int result = spawn_with(child, options, program, error);
    free(program);
    if (result != 0) {
        child->ended = child->gone = true;
        child_destroy(child);
        return result;
    }
    child->mark = memory_copy_text(options->mark);
    output_watch(child);
    reaper_add(reaper, child);
    *started = child;
    return 0;
}

pid_t child_pid(const struct child *child)
{
    return child->pid;
}

bool child_ended(const struct child *child)
{
    return child->ended;
}

bool child_gone(const struct child *child)
{
    return child->gone;
}

/* ---- the end ---- */

void child_take_ending(struct child *child)
{
    struct ending ending;
    output_drain(child);
    if (!reap_collect(child->pid, &ending))
        return;
    child->ended = true;
    child_close_stdin(child);
    if (child->listener.exited)
        child->listener.exited(child->listener.context, ending.code, ending.signal);
}

static void note_refused(struct child *child, const struct process_info *info)
{
    if (process_list_contains(&child->refused, info->pid))
        return;
    process_list_add(&child->refused, info);
    char *process = process_text(info);
    if (child->listener.refused)
        child->listener.refused(child->listener.context, process);
    free(process);
}

static void signal_process(struct child *child, pid_t pid, int signal, pid_t except_group)
{
    struct process_info info;
    if (!process_read(pid, &info) || (except_group != 0 && info.group == except_group))
        return;
    int handle = process_handle_open(pid, info.start_time);
    if (handle < 0)
        return;
    if (process_handle_signal(handle, signal) == -EPERM)
        note_refused(child, &info);
    process_handle_close(handle);
}

/* A stopped process would not see the signal; SIGKILL needs no help. */
static void signal_tree(struct child *child, const struct pid_list *tree, int signal, pid_t except_group)
{
    for (size_t i = 0; i < tree->count; i++) {
        signal_process(child, tree->items[i], signal, except_group);
        if (signal != SIGKILL)
            signal_process(child, tree->items[i], SIGCONT, except_group);
    }
}

/* But for what cannot be ended, which must not be waited for. */
static bool is_left(const struct child *child, const struct pid_list *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (!process_list_contains(&child->refused, tree->items[i]))
            return true;
    return false;
}

static void finish(struct child *child)
{
    child->gone = true;
    output_drain(child);
    output_close(child);
    reaper_remove(child);
    if (child->listener.gone)
        child->listener.gone(child->listener.context);
}

void child_look_now(struct child *child)
{
    if (child->gone || child->phase == PHASE_RUNNING)
        return;
    struct pid_list tree = {0};
    if (child->phase == PHASE_KILLING || child->ended)
        child_tree(child, &tree);
    if (child->phase == PHASE_KILLING) {
        signal_tree(child, &tree, SIGKILL, 0);
    } else if (child->ended && child->phase == PHASE_STOPPING) {
        child->phase = PHASE_CLEARING;
        signal_tree(child, &tree, child->rest_signal, child->group_asked ? child->pid : 0);
    }
    bool over = child->ended && !child->unclear && !is_left(child, &tree);
    pid_list_finish(&tree);
    if (over)
        finish(child);
    else if (child->ended || child->phase == PHASE_KILLING)
        reaper_hasten(child->reaper);
}

/* Neither while all are looked at nor while its output is handed on may a callback have a child finished
 * under us. */
static void look(struct child *child)
{
    if (child->reaper->looking)
        child->reaper->look_again = true;
    else if (child->delivering)
        reaper_hasten(child->reaper);
    else
        child_look_now(child);
}

static void ask(struct child *child, int signal, bool only_child)
{
    if (only_child) {
        process_handle_signal(child->handle, signal);
        process_handle_signal(child->handle, SIGCONT);
    } else {
        process_handle_signal_group(child->handle, child->pid, signal);
        process_handle_signal_group(child->handle, child->pid, SIGCONT);
    }
}

void child_stop(struct child *child, int signal, bool only_child)
{
    if (child->gone || child->phase != PHASE_RUNNING)
        return;
    child->phase = PHASE_STOPPING;
    child->rest_signal = signal;
    if (!child->ended) {
        child_remember_descendants(child);
        child->group_asked = !only_child;
        ask(child, signal, only_child);
    }
    look(child);
}

void child_clear(struct child *child, int signal)
{
    if (child->gone || child->phase != PHASE_RUNNING)
        return;
    child->phase = PHASE_STOPPING;
    child->rest_signal = signal;
    look(child);
}

void child_kill(struct child *child)
{
    if (child->gone)
        return;
    child->phase = PHASE_KILLING;
    look(child);
}

void child_close_stdin(struct child *child)
{
    if (child->stdin_fd >= 0)
        close(child->stdin_fd);
    child->stdin_fd = -1;
}

void child_destroy(struct child *child)
{
    if (!child)
        return;
    child->listener = (struct child_listener){0};
    if (!child->gone) {
        struct pid_list tree = {0};
        child_tree(child, &tree);
        signal_tree(child, &tree, SIGKILL, 0);
        pid_list_finish(&tree);
        reaper_remove(child);
    }
    output_close(child);
    child_close_stdin(child);
    process_handle_close(child->handle);
    process_list_finish(&child->seen);
    process_list_finish(&child->refused);
    free(child->mark);
    free(child);
}

#include "foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "plan/plan.h"
#include "runtime/means.h"

/* A Ctrl-C may reach us twice, by the terminal and by a wrapper that hands it on: within this it is one. */
#define SAME_CTRL_C_MS 100

/* What is closing needs a few turns of the loop, no more. */
#define LAST_TURNS_MS 5000

static const int watched[FOREGROUND_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static bool has_controlling_terminal(void)
{
    int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Under nohup the end of the terminal is to mean nothing. */
static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct foreground *foreground = handle->data;
    if (number == SIGHUP && !foreground->has_terminal)
        return;
    if (!foreground->runtime)
        return; /* it could not be opened and ends anyway */
    uint64_t now = uv_now(&foreground->loop);
    if (foreground->asked > 0 && now - foreground->asked_at < SAME_CTRL_C_MS)
        return;
    foreground->asked_at = now;
    foreground->asked++;
    if (foreground->asked == 1)
        terminal_view_say(foreground->view, "stopping everything in order (once more: at once)");
    else if (foreground->asked == 2)
        terminal_view_say(foreground->view, "killing what is left");
    runtime_shutdown(foreground->runtime, foreground->asked > 1);
}

static void watch_signals(struct foreground *foreground)
{
    foreground->has_terminal = has_controlling_terminal();
    for (int i = 0; i < FOREGROUND_SIGNALS; i++) {
        bool skip = watched[i] == SIGHUP && is_ignored(SIGHUP);
        uv_signal_init(&foreground->loop, &foreground->signals[i]);
        foreground->signals[i].data = foreground;
        if (!skip)
            uv_signal_start(&foreground->signals[i], on_signal, watched[i]);
    }
}

static void on_parent_event(uv_poll_t *handle, int status, int events)
{
    struct foreground *foreground = handle->data;
    uv_poll_stop(handle);
    runtime_end(foreground->runtime, "the parent process has ended");
}

static void watch_parent(struct foreground *foreground, const int *parent)
{
    foreground->has_parent = parent && uv_poll_init(&foreground->loop, &foreground->parent, *parent) == 0;
    foreground->parent.data = foreground;
    if (foreground->has_parent)
        uv_poll_start(&foreground->parent, UV_READABLE, on_parent_event);
}

static void on_event(void *context, const struct event *event)
{
    struct foreground *foreground = context;
    terminal_view_event(foreground->view, event);
    if (foreground->event)
        foreground->event(foreground->context, event);
}

static void on_line(void *context, const char *sidecar, int stream, int64_t ts_ms, const char *text)
{
    struct foreground *foreground = context;
    terminal_view_line(foreground->view, sidecar, stream, ts_ms, text);
}

static void on_ended(void *context)
{
    struct foreground *foreground = context;
    uv_stop(&foreground->loop);
}

/* What is asked for once more at the very end must not change how it ends. */
static void ignore_signals(struct foreground *foreground)
{
    for (int i = 0; i < FOREGROUND_SIGNALS; i++) {
        uv_close((uv_handle_t *)&foreground->signals[i], NULL);
        signal(watched[i], SIG_IGN);
    }
}

/* Lets what is closing close. */
static void drain(uv_loop_t *loop)
{
    uint64_t until = uv_hrtime() + (uint64_t)LAST_TURNS_MS * 1000 * 1000;
    while (uv_run(loop, UV_RUN_NOWAIT) != 0 && uv_hrtime() < until)
        poll(NULL, 0, 1);
    uv_loop_close(loop);
}

static int open_loop(uv_loop_t *loop, struct error *error)
{
    int failed = uv_loop_init(loop);
    if (failed != 0)
        return error_set(error, ERROR_SYSTEM, "cannot begin: %s", uv_strerror(failed));
    int result = means_secure(loop, error);
    if (result != 0)
        drain(loop);
    return result;
}

/* Says why, and ends what was given. */
static enum exit_code refuse(struct error *error, struct plan *plan)
{
    enum exit_code code = exit_code_of_error(error->code);
    char *line = error_line(error);
    complain("%s", line);
    free(line);
    error_finish(error);
    if (plan)
        plan_finish(plan);
    free(plan);
    return code;
}

enum exit_code foreground_open(struct foreground *foreground, const struct foreground_options *options,
                               struct plan *plan)
{
    *foreground = (struct foreground){.context = options->context, .event = options->event};
    struct error error = {0};
    if (open_loop(&foreground->loop, &error) != 0)
        return refuse(&error, plan);
    /* A background job's output must not stop it (stty tostop). */
    signal(SIGTTOU, SIG_IGN);
    struct terminal_view_options view = options->view;
    view.plan = plan;
    foreground->view = terminal_view_create(&view);
    struct runtime_options runtime = {
        .launch = *options->launch,
        .plan = plan,
        .listener = {.context = foreground, .event = on_event, .line = on_line, .ended = on_ended},
        .log_level = options->log_level,
        .shell = options->shell,
    };
    /* Before anybody is told where it runs. */
    watch_signals(foreground);
    if (runtime_open(&foreground->loop, &runtime, &foreground->runtime, &error) == 0) {
        watch_parent(foreground, options->parent);
        return EXIT_FINE;
    }
    terminal_view_destroy(foreground->view);
    ignore_signals(foreground);
    drain(&foreground->loop);
    /* What was refused before it looked at the plan has left it here. */
    return refuse(&error, runtime.plan);
}

void foreground_run(struct foreground *foreground)
{
    runtime_begin(foreground->runtime);
    uv_run(&foreground->loop, UV_RUN_DEFAULT);
}

void foreground_close(struct foreground *foreground)
{
    runtime_destroy(foreground->runtime);
    ignore_signals(foreground);
    if (foreground->has_parent)
        uv_close((uv_handle_t *)&foreground->parent, NULL);
    drain(&foreground->loop);
    terminal_view_destroy(foreground->view);
}

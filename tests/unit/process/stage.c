#include "stage.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#define WATCHDOG_MS 20000

static void on_output(void *context, int stream, const char *data, size_t length)
{
    struct stage *stage = context;
    if (length == 0)
        stage->ends++;
    else
        text_append_bytes(stream == 1 ? &stage->output : &stage->errors, data, length);
    if (stage->kill_at && strstr(text_get(&stage->output), stage->kill_at))
        child_kill(stage->child);
}

static void on_exited(void *context, int code, int signal)
{
    struct stage *stage = context;
    stage->exited++;
    stage->code = code;
    stage->signal = signal;
    stage->output_at_exit = stage->output.length;
    assert_true(child_ended(stage->child));
    assert_false(child_gone(stage->child));
    if (stage->clear_at_exit)
        child_clear(stage->child, SIGTERM);
}

static void on_gone(void *context)
{
    struct stage *stage = context;
    assert_int_equal(stage->exited, 1);
    assert_true(child_gone(stage->child));
    stage->gone++;
    if (stage->keep)
        return;
    child_destroy(stage->child);
    stage->child = NULL;
}

static void on_watchdog(uv_timer_t *timer)
{
    ((struct stage *)timer->data)->timed_out = true;
}

void stage_init(struct stage *stage)
{
    *stage = (struct stage){.clear_at_exit = true};
    uv_loop_init(&stage->loop);
    uv_timer_init(&stage->loop, &stage->watchdog);
    stage->watchdog.data = stage;
    stage->reaper = reaper_create(&stage->loop);
}

void stage_finish(struct stage *stage)
{
    child_destroy(stage->child);
    stage->child = NULL;
    while (reaper_kill_strays(stage->reaper, NULL) > 0)
        stage_pass(stage, 1);
    reaper_destroy(stage->reaper);
    uv_close((uv_handle_t *)&stage->watchdog, NULL);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    text_finish(&stage->output);
    text_finish(&stage->errors);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

void stage_start(struct stage *stage, ...)
{
    struct strings arguments = {0}, environment = {0};
    struct error error = {0};
    strings_add(&arguments, DAEMON_FIXTURE);
    va_list steps;
    va_start(steps, stage);
    for (const char *step; (step = va_arg(steps, const char *)) != NULL;)
        strings_add(&arguments, step);
    va_end(steps);
    strings_add(&environment, "SIDECARD_NAME=fixture");
    struct child_options options = {
        .arguments = &arguments,
        .environment = &environment,
        .folder = "/",
        .mark = "SIDECARD_NAME=fixture",
        .listener = {.context = stage, .output = on_output, .exited = on_exited, .gone = on_gone}};
    int result = child_start(stage->reaper, &options, &stage->child, &error);
    if (result != 0)
        fail_msg("%s", error.message);
    strings_finish(&arguments);
    strings_finish(&environment);
}

static bool has_output(const struct stage *stage, const char *text)
{
    return strstr(text_get(&stage->output), text) != NULL;
}

static bool has_exited(const struct stage *stage, const char *unused)
{
    return stage->exited > 0;
}

static bool has_gone(const struct stage *stage, const char *unused)
{
    return stage->gone > 0;
}

static void await(struct stage *stage, bool (*condition)(const struct stage *, const char *),
                  const char *what)
{
    stage->timed_out = false;
    uv_timer_start(&stage->watchdog, on_watchdog, WATCHDOG_MS, 0);
    while (!condition(stage, what) && !stage->timed_out)
        uv_run(&stage->loop, UV_RUN_ONCE);
    uv_timer_stop(&stage->watchdog);
    if (!condition(stage, what))
        fail_msg("awaited in vain: %s (so far: '%s', '%s')", what, text_get(&stage->output),
                 text_get(&stage->errors));
}

void stage_await_output(struct stage *stage, const char *text)
{
    await(stage, has_output, text);
}

void stage_await_exited(struct stage *stage)
{
    await(stage, has_exited, "its end");
}

void stage_await_gone(struct stage *stage)
{
    await(stage, has_gone, "the end of its tree");
}

void stage_pass(struct stage *stage, uint64_t ms)
{
    stage->timed_out = false;
    uv_timer_start(&stage->watchdog, on_watchdog, ms, 0);
    while (!stage->timed_out)
        uv_run(&stage->loop, UV_RUN_ONCE);
}

pid_t stage_pid(const struct stage *stage, int count)
{
    const char *at = text_get(&stage->output);
    for (int i = 0; i <= count; i++) {
        at = strstr(at, "pid ");
        assert_non_null(at);
        at += strlen("pid ");
    }
    return (pid_t)strtol(at, NULL, 10);
}

bool is_alive(pid_t pid)
{
    return kill(pid, 0) == 0;
}

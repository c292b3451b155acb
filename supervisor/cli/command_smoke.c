#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "fields.h"
#include "foreground.h"
#include "launch_options.h"
#include "left_behind.h"
#include "plan/plan.h"
#include "platform/clock.h"
#include "files/files.h"
#include "readiness.h"
#include "runtime_info.h"
#include "smoke_report.h"

#define LOOK_EVERY_MS 50

struct values {
    struct launch launch;
    int64_t timeout_ms;
    const char *junit;
};

static const struct values defaults = {.timeout_ms = 120000};

static const struct option options[] = {
    {"timeout", 't', OPTION_DURATION, offsetof(struct values, timeout_ms), "T",
     "until when all must be ready (2m)", NULL},
    {"junit", 0, OPTION_TEXT, offsetof(struct values, junit), "FILE", "the result as JUnit XML as well",
     NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    LAUNCH_GROUP(offsetof(struct values, launch)),
    {0},
};

struct smoke {
    struct foreground foreground;
    struct smoke_report report;
    struct left_behind processes;
    struct strings everything; /* no names: all that is wanted */
    uv_timer_t timer;
    int64_t begun_at;
    int64_t until;
    bool looked;  /* at least once */
    bool checked; /* the question whether it gets ready is answered */
    bool stopping;
    enum exit_code code;
};

static void stop(struct smoke *smoke)
{
    left_behind_look(&smoke->processes);
    smoke->stopping = true;
    uv_timer_stop(&smoke->timer);
    runtime_shutdown(smoke->foreground.runtime, false);
}

static void on_info(void *context, const char *fault)
{
    struct smoke *smoke = context;
    smoke_report_add(&smoke->report, !fault, memory_copy_text(fault),
                     "the backend says what it is at /runtime/info");
    if (!smoke->stopping)
        stop(smoke);
}

static const cJSON *find_backend(const cJSON *status)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        if (strcmp(field_text(row, "role", ""), "backend") == 0)
            return row;
    }
    return NULL;
}

/* All is ready: what is still to be asked before it is stopped again. */
static void check_further(struct smoke *smoke, const cJSON *status)
{
    const cJSON *backend = find_backend(status);
    const char *url = field_text(backend, "url", field_text(status, "backend_url", NULL));
    if (!backend || !url || !*url) {
        stop(smoke);
        return;
    }
    bool local = strcmp(field_text(backend, "state", ""), "remote") != 0;
    enum mode mode;
    bool known = mode_from_name(field_text(status, "mode", ""), &mode);
    runtime_info_ask(&smoke->foreground.loop, url, local && known ? mode_desktop_name(mode) : NULL, on_info,
                     smoke);
}

static void on_timer(uv_timer_t *timer)
{
    struct smoke *smoke = timer->data;
    if (smoke->checked)
        return;
    if (!smoke->looked && strcmp(runtime_state(smoke->foreground.runtime), "stopped") == 0) {
        /* It was just begun: a profile that starts nothing by itself has nothing to wait for. */
        complain("smoke: the profile starts nothing in this mode");
        smoke->checked = true;
        stop(smoke);
        return;
    }
    smoke->looked = true;
    cJSON *status = runtime_status(smoke->foreground.runtime, false);
    struct text why = {0};
    enum readiness readiness = readiness_of_status(status, &smoke->everything, &why);
    bool late = clock_monotonic_ms() >= smoke->until;
    if (readiness != READINESS_PENDING || late) {
        smoke->checked = true;
        smoke_report_add_rows(&smoke->report, status);
        if (readiness == READINESS_READY) {
            check_further(smoke, status);
        } else {
            smoke->code = readiness == READINESS_FAILED ? EXIT_SIDECAR_FAILED : EXIT_NOT_READY;
            complain("smoke: %s: %s", readiness == READINESS_FAILED ? "failed" : "not ready in time",
                     text_get(&why));
            stop(smoke);
        }
    }
    text_finish(&why);
    cJSON_Delete(status);
}

static void on_event(void *context, const struct event *event)
{
    struct smoke *smoke = context;
    if (strcmp(event->kind, event_kind_name(KIND_SIDECAR_EXPOSED)) == 0)
        smoke_report_add(&smoke->report, false, memory_copy_text(event->message),
                         "%s listens on loopback alone", event->source);
}

/* False where the file that was asked for could not be written. */
static bool print_report(const struct smoke *smoke, const struct values *values)
{
    bool written = true;
    struct text out = {0};
    smoke_report_tap(&smoke->report, &out);
    fputs(text_get(&out), stdout);
    if (values->junit) {
        struct error error = {0};
        text_clear(&out);
        smoke_report_junit(&smoke->report, (double)(clock_monotonic_ms() - smoke->begun_at) / 1000, &out);
        written = files_write_whole(values->junit, out.data, out.length, &error) == 0;
        if (!written)
            complain_error(&error);
        error_finish(&error);
    }
    text_finish(&out);
    return written;
}

static enum exit_code verdict(struct smoke *smoke)
{
    if (!smoke->checked)
        smoke_report_add(&smoke->report, false, memory_copy_text("it was stopped before it was ready"),
                         "the runtime gets ready");
    char *left = left_behind_text(&smoke->processes);
    smoke_report_add(&smoke->report, !left, left, "nothing is left after the stop");
    if (smoke->code == EXIT_FINE && !smoke_report_passed(&smoke->report))
        smoke->code = EXIT_FAILED;
    return smoke->code;
}

static void carry_out(struct smoke *smoke, const struct values *values)
{
    smoke->begun_at = clock_monotonic_ms();
    smoke->until = smoke->begun_at + values->timeout_ms;
    uv_timer_init(&smoke->foreground.loop, &smoke->timer);
    smoke->timer.data = smoke;
    uv_timer_start(&smoke->timer, on_timer, LOOK_EVERY_MS, LOOK_EVERY_MS);
    foreground_run(&smoke->foreground);
    smoke->stopping = true;
    uv_close((uv_handle_t *)&smoke->timer, NULL);
    foreground_close(&smoke->foreground);
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct plan *plan = memory_new(1, sizeof(*plan));
    enum exit_code code = launch_plan_or_complain(&values->launch, plan);
    if (code != EXIT_FINE) {
        free(plan);
        return code;
    }
    struct smoke smoke = {0};
    struct foreground_options wanted = {
        /* stdout is for TAP alone. */
        .view = {.lines_fd = STDERR_FILENO, .events_fd = STDERR_FILENO, .level = terminal_view_level(NULL)},
        .launch = &values->launch,
        .context = &smoke,
        .event = on_event,
    };
    code = foreground_open(&smoke.foreground, &wanted, plan);
    if (code == EXIT_FINE) {
        carry_out(&smoke, values);
        code = verdict(&smoke);
        if (!print_report(&smoke, values) && code == EXIT_FINE)
            code = EXIT_FAILED;
    }
    left_behind_finish(&smoke.processes);
    smoke_report_finish(&smoke.report);
    return code;
}

const struct command cli_smoke = {
    .name = "smoke",
    .summary = "start, check everything, stop: for CI",
    .names = "",
    .help = "Starts the profile, waits until all is ready, checks every probe and the backend's "
            "/runtime/info, stops\n"
            "everything and checks that nothing is left. TAP on stdout, the rest on stderr. Ends with 0 when "
            "all is well,\n"
            "5 when it was not ready in time, 6 when a sidecar is failed, 1 when another check failed.\n\n"
            "  sidecard smoke --profile profiles/local_fullstack.yaml --timeout 60s\n"
            "  sidecard smoke --profile profiles/remote_slim.yaml --junit smoke.xml",
    .groups = groups,
    .values_size = sizeof(struct values),
    .defaults = &defaults,
    .run = run,
};

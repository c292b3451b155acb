#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "cli/view_text.h"
#include "feed/event.h"
#include "plan/plan.h"

static struct sidecar_plan sidecars[] = {
    {.name = "web", .role = ROLE_WEB, .url = "http://127.0.0.1:3000"},
    {.name = "indexer", .role = ROLE_CUSTOM},
};
static const struct plan plan = {.sidecars = sidecars, .sidecar_count = 2};
static struct view_style style;
static struct text out;

static int setup(void **state)
{
    view_style_init(&style, &plan, false);
    return 0;
}

static int teardown(void **state)
{
    view_style_finish(&style);
    text_finish(&out);
    return 0;
}

static void expect_event(const char *kind, const char *source, const char *message, const char *data,
                         int64_t ts_ms, const char *expected)
{
    cJSON *object = cJSON_Parse(data);
    struct event event = {.ts_ms = ts_ms,
                          .level = LEVEL_INFO,
                          .source = source,
                          .kind = kind,
                          .message = message,
                          .data = object};
    text_clear(&out);
    view_text_event(&style, &event, &out);
    assert_string_equal(out.data, expected);
    cJSON_Delete(object);
}

static void test_events(void **state)
{
    expect_event("runtime.starting", "runtime", "the runtime is starting", "{}", 1000,
                 "sidecard   the runtime is starting\n");
    expect_event("sidecar.ready", "web", "web is ready after 1.2 s", "{\"startup_ms\":1230}", 2000,
                 "web        ready after 1.2 s   http://127.0.0.1:3000\n");
    expect_event("sidecar.ready", "indexer", "indexer is ready", "{\"startup_ms\":20}", 2000,
                 "indexer    ready after 0.02 s\n");
    expect_event(
        "runtime.ready", "runtime", "the runtime is ready", "{}", 5100,
        "sidecard   everything is ready after 4.1 s   http://127.0.0.1:3000   (Ctrl-C stops it all)\n");
    expect_event("runtime.ready", "runtime", "the runtime is ready", "{}", 9000,
                 "sidecard   everything is ready again\n");
    expect_event("sidecar.exited", "web", "web exited with code 3;\nrestart 1", "{}", 9000,
                 "web        exited with code 3; restart 1\n");
    expect_event("sidecar.notice", "web", "webs are fine", "{}", 9000, "web        webs are fine\n");
}

static void test_lines(void **state)
{
    view_text_line(&style, "web", "plain \xc3\xa4", &out);
    assert_string_equal(out.data, "web      | plain \xc3\xa4\n");
    text_clear(&out);
    view_text_line(&style, "web", "\033[31mred\033[0m\033[2J 10%\r20%\x07", &out);
    assert_string_equal(out.data, "web      | red 10% 20% \n");
}

static void test_colours(void **state)
{
    view_style_finish(&style);
    view_style_init(&style, &plan, true);
    view_text_line(&style, "indexer", "x", &out);
    assert_string_equal(out.data, "\033[35mindexer  |\033[0m x\n");
    text_clear(&out);
    struct event event = {
        .level = LEVEL_ERROR, .source = "web", .kind = "sidecar.failed", .message = "web failed"};
    view_text_event(&style, &event, &out);
    assert_string_equal(out.data, "\033[36mweb     \033[0m   \033[1;31mfailed\033[0m\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_colours, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

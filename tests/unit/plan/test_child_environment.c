#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

struct fixture {
    struct sidecar_plan sidecar;
    struct strings inherited;
    struct strings environment;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.sidecar = {.name = "web", .inherit_all = true}};
    strings_add(&fixture.inherited, "HOME=/h");
    strings_add(&fixture.inherited, "PATH=/bin");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    strings_finish(&fixture->inherited);
    strings_finish(&fixture->environment);
    strings_finish(&fixture->sidecar.env);
    strings_finish(&fixture->sidecar.inherit_env);
    strings_finish(&fixture->sidecar.without_env);
    return 0;
}

static void make(struct fixture *fixture)
{
    plan_child_environment(&fixture->sidecar, &fixture->inherited, "rt-1", "/d/s.sock",
                           &fixture->environment);
}

static void assert_variable(const struct fixture *fixture, const char *name, const char *value)
{
    const char *found = strings_variable(&fixture->environment, name);
    if (!value) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found, value);
}

static void every_child_gets_what_sidecard_says_of_itself(void **state)
{
    struct fixture *fixture = *state;
    strings_add(&fixture->inherited, "SIDECARD_NAME=outer");
    make(fixture);
    assert_variable(fixture, "SIDECARD_NAME", "web");
    assert_variable(fixture, "SIDECARD_RUNTIME_ID", "rt-1");
    assert_variable(fixture, "SIDECARD_SOCKET", "/d/s.sock");
    assert_variable(fixture, "HOME", "/h");
    assert_variable(fixture, "PYTHONUNBUFFERED", "1");
    assert_variable(fixture, "PYTHONUTF8", "1");
    assert_variable(fixture, "PORT", NULL);
}

static void a_port_replaces_an_inherited_one_but_not_the_sidecars_own(void **state)
{
    struct fixture *fixture = *state;
    fixture->sidecar.port = 3000;
    strings_add(&fixture->inherited, "PORT=1");
    strings_add(&fixture->inherited, "HOST=box");
    strings_add(&fixture->inherited, "HOSTNAME=box");
    strings_add(&fixture->sidecar.env, "HOST=0.0.0.0");
    make(fixture);
    assert_variable(fixture, "PORT", "3000");
    assert_variable(fixture, "HOST", "0.0.0.0");
    assert_variable(fixture, "HOSTNAME", "127.0.0.1");
}

static void python_defaults_give_way_to_whatever_is_set(void **state)
{
    struct fixture *fixture = *state;
    strings_add(&fixture->inherited, "PYTHONUTF8=0");
    strings_add(&fixture->sidecar.env, "PYTHONUNBUFFERED=");
    make(fixture);
    assert_variable(fixture, "PYTHONUTF8", "0");
    assert_variable(fixture, "PYTHONUNBUFFERED", "");
}

static void what_is_inherited_can_be_narrowed(void **state)
{
    struct fixture *fixture = *state;
    fixture->sidecar.inherit_all = false;
    strings_add(&fixture->sidecar.inherit_env, "PATH");
    make(fixture);
    assert_variable(fixture, "PATH", "/bin");
    assert_variable(fixture, "HOME", NULL);
    assert_variable(fixture, "SIDECARD_NAME", "web");
}

static void some_things_are_never_inherited(void **state)
{
    struct fixture *fixture = *state;
    strings_add(&fixture->inherited, "NOTIFY_SOCKET=/run/n");
    strings_add(&fixture->inherited, "http_proxy=http://p");
    strings_add(&fixture->inherited, "https_proxy=http://p");
    strings_add(&fixture->sidecar.without_env, "http_proxy");
    make(fixture);
    assert_variable(fixture, "NOTIFY_SOCKET", NULL);
    assert_variable(fixture, "http_proxy", NULL);
    assert_variable(fixture, "https_proxy", "http://p");
}

static void loopback_uses_no_proxy(void **state)
{
    struct fixture *fixture = *state;
    make(fixture);
    assert_variable(fixture, "NO_PROXY", "127.0.0.1,localhost,::1");
    assert_variable(fixture, "no_proxy", "127.0.0.1,localhost,::1");
}

static void hosts_that_use_no_proxy_stay(void **state)
{
    struct fixture *fixture = *state;
    strings_add(&fixture->inherited, "no_proxy=corp.example, localhost");
    make(fixture);
    assert_variable(fixture, "no_proxy", "corp.example, localhost,127.0.0.1,::1");
    assert_variable(fixture, "NO_PROXY", "corp.example, localhost,127.0.0.1,::1");
}

static void the_sidecars_own_no_proxy_gains_loopback_too(void **state)
{
    struct fixture *fixture = *state;
    strings_add(&fixture->inherited, "NO_PROXY=a");
    strings_add(&fixture->sidecar.env, "NO_PROXY=b,127.0.0.1,localhost,::1");
    make(fixture);
    assert_variable(fixture, "NO_PROXY", "b,127.0.0.1,localhost,::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_child_gets_what_sidecard_says_of_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_port_replaces_an_inherited_one_but_not_the_sidecars_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(python_defaults_give_way_to_whatever_is_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_inherited_can_be_narrowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(some_things_are_never_inherited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loopback_uses_no_proxy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hosts_that_use_no_proxy_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_sidecars_own_no_proxy_gains_loopback_too, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

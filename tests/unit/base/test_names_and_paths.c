#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/suggest.h"
#include "base/url.h"

static void assert_suggests(const char *name, const char *expected)
{
    static const char *const known[] = {"depends_on", "port",     "ready",   "live",
                                        "env",        "env_file", "restart", "on"};
    const char *near = suggest_name(name, known, sizeof(known) / sizeof(known[0]));
    if (expected)
        assert_string_equal(near, expected);
    else
        assert_null(near);
}

static void the_nearest_known_name_is_suggested(void **state)
{
    assert_suggests("depend_on", "depends_on");
    assert_suggests("dependsOn", "depends_on");
    assert_suggests("depends-on", "depends_on");
    assert_suggests("prot", "port");
    assert_suggests("Port", "port");
    assert_suggests("reday", "ready");
    assert_suggests("envfile", "env_file");
    assert_suggests("restarts", "restart");
    assert_suggests("command", NULL);
    assert_suggests("", NULL);
    assert_suggests("x", NULL);
    char long_name[200] = {0};
    memset(long_name, 'a', sizeof(long_name) - 1);
    assert_suggests(long_name, NULL);
}

static void assert_taken(char *actual, const char *expected)
{
    assert_string_equal(actual, expected);
    free(actual);
}

static void paths_are_joined_and_cleaned(void **state)
{
    assert_taken(path_join("/a", "b"), "/a/b");
    assert_taken(path_join("/", "b"), "/b");
    assert_taken(path_absolute("/a/b", "c"), "/a/b/c");
    assert_taken(path_absolute("/a/b", "../c/./d//e/"), "/a/c/d/e");
    assert_taken(path_absolute("/a", "/x/../../y"), "/y");
    assert_taken(path_absolute("/a", "."), "/a");
    assert_taken(path_absolute("/", ".."), "/");
    assert_taken(path_absolute("/a", "\xc3\xa9 ..x"), "/a/\xc3\xa9 ..x");
    assert_taken(path_expand_home("~", "/h"), "/h");
    assert_taken(path_expand_home("~/x", "/h"), "/h/x");
    assert_taken(path_expand_home("~x", "/h"), "~x");
    assert_taken(path_expand_home("a/~", "/h"), "a/~");
    assert_taken(path_folder("/a/b"), "/a");
    assert_taken(path_folder("/a"), "/");
    assert_taken(path_folder("a"), ".");
    assert_string_equal(path_file_name("/a/b"), "b");
    assert_string_equal(path_file_name("b"), "b");
}

static void assert_host_port(const char *url, const char *host, int port)
{
    char *found = NULL;
    int found_port = -1;
    bool good = url_host_port(url, 99, &found, &found_port);
    assert_int_equal(good, host != NULL);
    if (host) {
        assert_string_equal(found, host);
        assert_int_equal(found_port, port);
    }
    free(found);
}

static void urls_are_looked_into(void **state)
{
    assert_host_port("http://localhost:11434/v1", "localhost", 11434);
    assert_host_port("http://gpu", "gpu", 99);
    assert_host_port("gpu:5", "gpu", 5);
    assert_host_port("http://[::1]:8/x", "::1", 8);
    assert_host_port("http://u:p@h:7?x", "h", 7);
    assert_host_port("http://h:", "h", 99);
    assert_host_port("http://:80", NULL, 0);
    assert_host_port("http://h:70000", NULL, 0);
    assert_host_port("http://h:8a", NULL, 0);
    assert_host_port("", NULL, 0);
    assert_host_port("http://[::1", "::1", 99);
    assert_true(url_host_is_loopback("LocalHost"));
    assert_true(url_host_is_loopback("127.0.0.2"));
    assert_false(url_host_is_loopback("10.0.0.1"));
    assert_taken(url_join("http://h/base/", "/health"), "http://h/base/health");
    assert_taken(url_join("http://h", "health"), "http://h/health");
    assert_taken(url_origin("http://h:1/v1?x"), "http://h:1");
    assert_taken(url_without_user("mongodb://u:p@h:1/db?x@y"), "mongodb://h:1/db?x@y");
    assert_taken(url_without_user("http://h/a@b"), "http://h/a@b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_known_name_is_suggested),
        cmocka_unit_test(paths_are_joined_and_cleaned),
        cmocka_unit_test(urls_are_looked_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

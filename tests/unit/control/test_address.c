#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "control/address.h"

static char *folder_of_length(size_t length)
{
    struct text text = {0};
    text_append(&text, "/");
    while (text.length < length)
        text_append(&text, "d");
    return text_take(&text);
}

static void test_default_place(void **state)
{
    struct address_world world = {.runtime_dir = "/run/user/7", .home = "/home/x", .uid = 7};
    char *socket = address_socket("/home/x/.app/runtime", &world);
    assert_string_equal(socket, "/home/x/.app/runtime/sidecard.sock");
    free(socket);
}

static void test_the_longest_that_fits(void **state)
{
    struct address_world world = {.runtime_dir = "/run/user/7", .home = "/home/x", .uid = 7};
    size_t longest = ADDRESS_SOCKET_MAX - strlen("/sidecard.sock");
    char *folder = folder_of_length(longest);
    char *socket = address_socket(folder, &world);
    assert_int_equal(strlen(socket), ADDRESS_SOCKET_MAX);
    assert_memory_equal(socket, folder, longest);
    free(socket);
    free(folder);

    folder = folder_of_length(longest + 1);
    char *hash = address_hash(folder);
    socket = address_socket(folder, &world);
    char *expected = text_format("/run/user/7/sidecard/%s.sock", hash);
    assert_string_equal(socket, expected);
    assert_int_equal(strlen(hash), 16);
    free(expected);
    free(socket);

    world.runtime_dir = NULL;
    socket = address_socket(folder, &world);
    expected = text_format("/tmp/sidecard-7/%s.sock", hash);
    assert_string_equal(socket, expected);
    free(expected);
    free(socket);

    char *long_runtime_dir = folder_of_length(100);
    world.runtime_dir = long_runtime_dir;
    socket = address_socket(folder, &world);
    assert_memory_equal(socket, "/tmp/sidecard-7/", 16);
    free(long_runtime_dir);
    free(socket);
    free(hash);
    free(folder);
}

static void test_hash_tells_folders_apart(void **state)
{
    char *a = address_hash("/a/runtime");
    char *b = address_hash("/b/runtime");
    assert_string_not_equal(a, b);
    free(a);
    free(b);
}

static void test_running_folder(void **state)
{
    struct address_world world = {.runtime_dir = "/run/user/7", .home = "/home/x", .uid = 7};
    char *folder = address_running_folder(&world);
    assert_string_equal(folder, "/run/user/7/sidecard/running");
    free(folder);
    world.runtime_dir = NULL;
    folder = address_running_folder(&world);
    assert_string_equal(folder, "/home/x/.cache/sidecard/running");
    free(folder);
    world.home = NULL;
    assert_null(address_running_folder(&world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_place),
        cmocka_unit_test(test_the_longest_that_fits),
        cmocka_unit_test(test_hash_tells_folders_apart),
        cmocka_unit_test(test_running_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

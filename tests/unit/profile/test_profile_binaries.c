#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "profile/binaries.h"
#include "profile_fixture.h"

static const char *program(const char *text, const char *name)
{
    const struct sidecar_plan *sidecar = planned(text, name);
    return sidecar->command.count > 0 ? sidecar->command.items[0] : "(remote)";
}

static void add_bundled(const char *folder, const char *role, const char *name)
{
    char *path = text_format("%s/%s/%s/%s", folder, role, binary_platform(), name);
    world_add_program(path);
    free(path);
}

static void the_first_hit_wins(void **state)
{
    static const char text[] = "mode: local_fullstack\nsidecars: {mongo: {binary: bin/mongod}}\n";
    static const char plain[] = "mode: local_fullstack\n";
    assert_string_equal(program(plain, "mongo"), "/usr/bin/mongod");
    add_bundled("/p/resources", "mongo", "ferretdb");
    assert_non_null(strstr(program(plain, "mongo"), "/p/resources/mongo/"));
    add_bundled("/app/resources", "mongo", "ferretdb");
    assert_non_null(strstr(program(plain, "mongo"), "/app/resources/mongo/"));
    world_add_program("/app/mongod-x86_64-unknown-linux-gnu");
    world_add_program("/app/mongod-aarch64-unknown-linux-gnu");
    assert_non_null(strstr(program(plain, "mongo"), "/app/mongod-"));
    world_add_program("/app/mongod");
    assert_string_equal(program(plain, "mongo"), "/app/mongod");
    world_add_program("/p/bin/mongod");
    assert_string_equal(program(text, "mongo"), "/p/bin/mongod");
    world_add_program("/here/variable");
    world_set("MONGOD_BIN", "./variable");
    assert_string_equal(program(text, "mongo"), "/here/variable");
    world_add_program("/home/u/flag");
    flags.mongo_bin = "~/flag";
    assert_string_equal(program(text, "mongo"), "/home/u/flag");
}

static void a_name_without_a_slash_is_looked_for_on_path(void **state)
{
    world_add_program("/opt/bin/python3.12");
    world_set("PYTHON_BIN", "python3.12");
    assert_string_equal(program("mode: local_fullstack\n", "backend"), "/opt/bin/python3.12");
    world_set("PYTHON_BIN", "");
    assert_string_equal(
        program("mode: local_fullstack\nsidecars: {backend: {binary: python3.12}}\n", "backend"),
        "/opt/bin/python3.12");
}

static void python_is_a_second_name(void **state)
{
    world_set("PATH", ":/opt/bin:");
    world_add_program("/opt/bin/python");
    world_add_program("/opt/bin/npm");
    assert_string_equal(program("mode: local_fullstack\n", "backend"), "/opt/bin/python");
}

static void what_a_flag_names_and_is_not_there_is_told(void **state)
{
    flags.ollama_bin = "/nope/ollama";
    assert_string_equal(program("mode: local_fullstack\nsidecars: {ollama: {}}\n", "ollama"),
                        "/usr/bin/ollama");
    assert_int_equal(plan.notices.count, 1);
    assert_string_equal(
        plan.notices.items[0],
        "ollama: --ollama-bin names /nope/ollama, which is not there; /usr/bin/ollama is used");
}

static void a_missing_program_lists_every_place_and_a_remedy(void **state)
{
    world_set("PATH", "/a:/b");
    world_set("OLLAMA_BIN", "/v/ollama");
    const struct sidecar_plan *ollama =
        planned("mode: local_fullstack\nsidecars: {ollama: {binary: mine/ollama}}\n", "ollama");
    assert_int_equal(ollama->launch_error.code, ERROR_BINARY_NOT_FOUND);
    assert_string_equal(ollama->launch_error.message, "the program ollama was not found");
    assert_string_equal(
        ollama->launch_error.remedy,
        "install Ollama (https://ollama.com/download), or name it with --ollama-bin, OLLAMA_BIN or "
        "sidecars.ollama.binary");
    const struct strings *searched = &ollama->launch_error.searched;
    assert_int_equal(searched->count, 8);
    assert_string_equal(searched->items[0], "/v/ollama");
    assert_string_equal(searched->items[1], "/p/mine/ollama");
    assert_string_equal(searched->items[2], "/app/ollama");
    assert_string_equal(searched->items[6], "/a/ollama");
    assert_string_equal(searched->items[7], "/b/ollama");
    assert_string_equal(ollama->command.items[0], "ollama");
    assert_string_equal(
        plan_find(&plan, "web")->launch_error.remedy,
        "install Node.js, which brings npm (Debian: apt-get install nodejs npm; macOS: brew install "
        "node), or name it with sidecars.web.binary");
}

static void a_file_that_cannot_be_executed_is_another_error(void **state)
{
    world_add_file("/x/mongod");
    world_set("PATH", "/x");
    const struct sidecar_plan *mongo = planned("mode: local_fullstack\n", "mongo");
    assert_false(mongo->remote);
    assert_int_equal(mongo->launch_error.code, ERROR_NOT_EXECUTABLE);
    assert_string_equal(mongo->launch_error.message, "/x/mongod cannot be executed");
}

static void neighbours_on_path_are_not_bundled(void **state)
{
    world_set("PATH", "/app:/usr/bin");
    world_add_program("/app/ollama");
    const struct sidecar_plan *ollama = planned("mode: local_fullstack\nsidecars: {ollama: {}}\n", "ollama");
    assert_string_equal(ollama->command.items[0], "/app/ollama");
    assert_null(strings_variable(&ollama->env, "OLLAMA_MODELS"));
}

static void a_custom_command_is_found_by_its_first_word(void **state)
{
    world_add_program("/p/tools/t");
    world_add_program("/p/cw/t");
    world_add_program("/own/t");
    assert_string_equal(program("mode: local_fullstack\nsidecars: {a: {command: [run]}}\n", "a"),
                        "/usr/bin/run");
    assert_string_equal(program("mode: local_fullstack\nsidecars: {a: {command: [tools/t]}}\n", "a"),
                        "/p/tools/t");
    assert_string_equal(program("mode: local_fullstack\nsidecars: {a: {command: [./t], cwd: cw}}\n", "a"),
                        "/p/cw/t");
    assert_string_equal(program("mode: local_fullstack\nsidecars: {a: {command: [/own/t]}}\n", "a"),
                        "/own/t");
    assert_string_equal(
        program("mode: local_fullstack\nsidecars: {a: {command: [t], env: {PATH: /own}}}\n", "a"), "/own/t");
    assert_string_equal(
        program("mode: local_fullstack\nsidecars: {a: {command: [t], binary: tools/t}}\n", "a"),
        "/p/tools/t");
    const struct sidecar_plan *a =
        planned("mode: local_fullstack\nsidecars: {a: {command: [nope, x]}}\n", "a");
    assert_int_equal(a->launch_error.code, ERROR_BINARY_NOT_FOUND);
    assert_string_equal(a->launch_error.message, "the program nope was not found");
    assert_string_equal(joined(&a->launch_error.searched), "/usr/bin/nope /opt/bin/nope");
    assert_string_equal(joined(&a->command), "nope x");
}

static void missing_folders_and_files_are_launch_errors(void **state)
{
    world_remove_folder("/p/web");
    world_remove_folder("/p/gone");
    const struct sidecar_plan *web = planned("mode: local_fullstack\n", "web");
    assert_int_equal(web->launch_error.code, ERROR_MISSING_PATH);
    assert_string_equal(web->launch_error.message, "its folder /p/web is not there");
    assert_non_null(strstr(web->launch_error.remedy, "workspace_root"));
    const struct sidecar_plan *a =
        planned("mode: local_fullstack\nsidecars: {a: {command: [run], requires: [/r, gone]}}\n", "a");
    assert_int_equal(a->launch_error.code, ERROR_MISSING_PATH);
    assert_string_equal(a->launch_error.message, "/p/gone is not there");
    assert_string_equal(joined(&a->required_paths), "/r /p/gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_hit_wins, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_name_without_a_slash_is_looked_for_on_path, world_begin, world_end),
        cmocka_unit_test_setup_teardown(python_is_a_second_name, world_begin, world_end),
        cmocka_unit_test_setup_teardown(what_a_flag_names_and_is_not_there_is_told, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_missing_program_lists_every_place_and_a_remedy, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_executed_is_another_error, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(neighbours_on_path_are_not_bundled, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_custom_command_is_found_by_its_first_word, world_begin, world_end),
        cmocka_unit_test_setup_teardown(missing_folders_and_files_are_launch_errors, world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

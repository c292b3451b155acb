#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/strings.h"
#include "base/text.h"
#include "profile/profile.h"

static char folder[] = "/tmp/sidecard-profile-XXXXXX";
static struct strings made;

static int make_folder(void **state)
{
    strcpy(folder, "/tmp/sidecard-profile-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int remove_folder(void **state)
{
    for (size_t i = made.count; i > 0; i--)
        remove(made.items[i - 1]);
    strings_finish(&made);
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    strings_take(&made, path_join(folder, name));
    return made.items[made.count - 1];
}

static const char *write_file(const char *name, const char *data, size_t length)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
    return path;
}

/* Asserts the one problem of the file, told as "PATH<rest>". */
static void assert_refused(const char *path, const char *rest)
{
    struct problems problems = {0};
    assert_null(profile_load(path, &problems));
    assert_int_equal(problems.count, 1);
    char *line = problem_line(&problems.items[0]);
    char *expected = text_format("%s%s", path, rest);
    assert_string_equal(line, expected);
    free(expected);
    free(line);
    problems_finish(&problems);
}

static void files_that_are_no_profile_are_refused_in_one_line(void **state)
{
    assert_refused("/nonexistent/p.json",
                   ": cannot be read: No such file or directory, expected a readable file");
    assert_refused(folder, ": a folder, expected a file");
    assert_refused(write_file("empty.json", "", 0), ":1:1: the document is empty, expected an object");
    assert_refused(write_file("empty.yaml", "", 0), ":1:1: the document is empty, expected an object");
    assert_refused(write_file("p.toml", "mode = 1\n", 9),
                   ": not named as a profile, expected .json, .yaml or .yml at its end");
    assert_refused(write_file("latin.yaml", "mode: caf\xe9\n", 11),
                   ":1:10: the byte 0xE9 is not valid UTF-8, expected UTF-8 text");
    assert_refused(write_file("list.json", "[]", 2), ":1:1: expected an object, got a list");
}

static void an_unreadable_file_is_refused(void **state)
{
    const char *path = write_file("locked.json", "{}", 2);
    chmod(path, 0);
    if (access(path, R_OK) != 0) /* root reads everything */
        assert_refused(path, ": cannot be read: Permission denied, expected a readable file");
}

static void ten_mebibytes_are_too_many(void **state)
{
    size_t length = 10 * 1024 * 1024;
    char *data = malloc(length);
    memset(data, ' ', length);
    const char *path = write_file("large.json", data, length);
    free(data);
    assert_refused(path, ": too large, expected at most 1048576 bytes (1 MiB)");
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void the_nearest_profile_is_found(void **state)
{
    const char *inner = path_of("a");
    mkdir(inner, 0700);
    const char *yaml = write_file("sidecard.yaml", "", 0);
    write_file("sidecard.json", "", 0);
    char *found = profile_find(inner, is_file);
    assert_string_equal(found, yaml);
    free(found);
    const char *nearer = write_file("a/sidecard.json", "", 0);
    found = profile_find(inner, is_file);
    assert_string_equal(found, nearer);
    free(found);
    found = profile_find("/nonexistent", is_file);
    assert_null(found);
}

static void one_run_tells_faults_of_form_and_of_meaning(void **state)
{
    static const char text[] =
        "mode: remote_slim\n"
        "local_ports: {web: 80a}\n"
        "sidecars:\n"
        "  a: {command: [run, \"${prt}\", \"${ports.web}\"], depends_on: {b: ready, c: ready}}\n"
        "  b: {command: [run], depends_on: {a: ready}, stdin: open}\n"
        "  c: 5\n";
    const char *path = write_file("many.yaml", text, strlen(text));
    struct strings environment = {0};
    strings_add(&environment, "HOME=/h");
    struct plan_flags flags = {0};
    struct plan_world world = {.environment = &environment,
                               .program_folder = "/app",
                               .current_folder = "/",
                               .is_file = is_file,
                               .is_executable = is_file,
                               .is_folder = is_file};
    struct plan plan;
    struct problems problems = {0};
    assert_null(profile_load_plan(path, &flags, &world, &plan, &problems));
    struct text lines = {0};
    for (size_t i = 0; i < problems.count; i++) {
        char *line = problem_line(&problems.items[i]);
        text_printf(&lines, "%s\n", line + strlen(path));
        free(line);
    }
    assert_string_equal(
        text_get(&lines),
        ":1:7: backend_url: missing, expected the URL of the backend, because mode is remote_slim "
        "(here, in BACKEND_BASE_URL or by --backend-url)\n"
        ":2:20: local_ports.web: expected an integer from 0 to 65535, got \"80a\"\n"
        ":4:22: sidecars.a.command[1]: unknown placeholder '${prt}', did you mean '${port}'?\n"
        ":4:62: sidecars.a.depends_on.b: dependency cycle a -> b -> a, expected none\n"
        ":5:54: sidecars.b.stdin: expected null or hold, got \"open\"\n"
        ":6:6: sidecars.c: expected an object, got 5\n");
    text_finish(&lines);
    assert_null(plan.sidecars);
    problems_finish(&problems);
    strings_finish(&environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_that_are_no_profile_are_refused_in_one_line, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(an_unreadable_file_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(ten_mebibytes_are_too_many, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_nearest_profile_is_found, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(one_run_tells_faults_of_form_and_of_meaning, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

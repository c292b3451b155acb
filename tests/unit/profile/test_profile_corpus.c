/* Every document of the corpus, without a program around: what is good is good, what is bad is told with a
 * place. The comparison with a stock validator is in tests/corpus. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/strings.h"
#include "base/text.h"
#include "profile/profile.h"

static bool nothing_is_there(const char *path)
{
    return false;
}

/* The problems of a file, one line each; "" where it is good. */
static char *check(const char *path)
{
    struct strings environment = {0};
    strings_add(&environment, "HOME=/home/u");
    const struct plan_flags flags = {0};
    const struct plan_world world = {.environment = &environment,
                                     .program_folder = "/app",
                                     .current_folder = "/",
                                     .is_file = nothing_is_there,
                                     .is_executable = nothing_is_there,
                                     .is_folder = nothing_is_there};
    struct plan plan;
    struct problems problems = {0};
    struct text lines = {0};
    struct profile *profile = profile_load_plan(path, &flags, &world, &plan, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        char *line = problem_line(&problems.items[i]);
        text_printf(&lines, "%s\n", line);
        assert_true(problems.items[i].line > 0 || strstr(path, "no-ending"));
        assert_null(strpbrk(line, "\r\n"));
        free(line);
    }
    assert_int_equal(profile == NULL, problems.count > 0);
    profile_destroy(profile);
    plan_finish(&plan);
    problems_finish(&problems);
    strings_finish(&environment);
    return text_take(&lines);
}

static int is_document(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void check_folder(const char *name, bool good)
{
    char *folder = text_format("%s/%s", SIDECARD_SOURCE_DIR, name);
    struct dirent **entries;
    int count = scandir(folder, &entries, is_document, alphasort);
    int checked = 0;
    for (int i = 0; i < count; i++) {
        char *path = path_join(folder, entries[i]->d_name);
        const char *ending = strrchr(entries[i]->d_name, '.');
        bool document = !good || (ending && (strcmp(ending, ".json") == 0 || strcmp(ending, ".yaml") == 0 ||
                                             strcmp(ending, ".yml") == 0));
        if (document) {
            char *lines = check(path);
            if (good)
                assert_string_equal(lines, "");
            else if (!*lines)
                fail_msg("%s is taken for good", path);
            free(lines);
            checked++;
        }
        free(path);
        free(entries[i]);
    }
    assert_true(checked > 0);
    free(entries);
    free(folder);
}

static void good_documents_are_good(void **state)
{
    check_folder("tests/corpus/profiles/good", true);
}

static void bad_ones_are_told(void **state)
{
    check_folder("tests/corpus/profiles/bad-form", false);
    check_folder("tests/corpus/profiles/bad-meaning", false);
}

static void the_examples_are_good(void **state)
{
    check_folder("profiles", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_documents_are_good),
        cmocka_unit_test(bad_ones_are_told),
        cmocka_unit_test(the_examples_are_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

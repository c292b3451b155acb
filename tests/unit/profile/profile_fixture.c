#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "profile_fixture.h"

struct plan_flags flags;
struct plan plan;
struct problems problems;
int picked_ports;

static struct strings environment;
static struct strings programs;
static struct strings files;
static struct strings missing_folders;
static char *last_joined;

static bool is_executable(const char *path)
{
    return strings_contain(&programs, path);
}

static bool is_file(const char *path)
{
    return is_executable(path) || strings_contain(&files, path);
}

static bool is_folder(const char *path)
{
    return !strings_contain(&missing_folders, path);
}

static int pick_port(const char *data_dir, const char *sidecar_name)
{
    assert_non_null(data_dir);
    assert_non_null(sidecar_name);
    return 40001 + picked_ports++;
}

int world_begin(void **state)
{
    flags = (struct plan_flags){0};
    picked_ports = 0;
    world_set("HOME", "/home/u");
    world_set("PATH", "/usr/bin:/opt/bin");
    world_add_program("/usr/bin/npm");
    world_add_program("/usr/bin/python3");
    world_add_program("/usr/bin/mongod");
    world_add_program("/usr/bin/ollama");
    world_add_program("/usr/bin/run");
    world_add_file("/p/web/package.json");
    return 0;
}

int world_end(void **state)
{
    plan_finish(&plan);
    problems_finish(&problems);
    strings_finish(&environment);
    strings_finish(&programs);
    strings_finish(&files);
    strings_finish(&missing_folders);
    free(last_joined);
    last_joined = NULL;
    return 0;
}

void world_set(const char *name, const char *value)
{
    strings_set_variable(&environment, name, value);
}

void world_add_program(const char *path)
{
    strings_add(&programs, path);
}

void world_add_file(const char *path)
{
    strings_add(&files, path);
}

void world_remove_folder(const char *path)
{
    strings_add(&missing_folders, path);
}

void build(const char *text)
{
    const struct plan_world world = {.environment = &environment,
                                     .program_folder = "/app",
                                     .current_folder = "/here",
                                     .now_ms = 1700000000123,
                                     .is_file = is_file,
                                     .is_executable = is_executable,
                                     .is_folder = is_folder,
                                     .pick_port = pick_port};
    plan_finish(&plan);
    problems_finish(&problems);
    const char *path = text[0] == '{' ? "/p/profile.json" : "/p/sidecard.yaml";
    struct profile *profile = profile_parse(path, text, strlen(text), &problems);
    if (profile)
        plan_build(profile, &flags, &world, &plan, &problems);
    profile_destroy(profile);
}

static char *problem_lines(void)
{
    struct text text = {0};
    for (size_t i = 0; i < problems.count; i++) {
        char *line = problem_line(&problems.items[i]);
        const char *shown = strncmp(line, "/p/sidecard.yaml:", 17) == 0  ? line + 17
                            : strncmp(line, "/p/profile.json:", 16) == 0 ? line + 16
                                                                         : line;
        text_printf(&text, "%s%s", i > 0 ? "\n" : "", shown);
        free(line);
    }
    return text_take(&text);
}

const struct sidecar_plan *planned(const char *text, const char *name)
{
    build(text);
    char *lines = problem_lines();
    assert_string_equal(lines, "");
    free(lines);
    return name ? plan_find(&plan, name) : NULL;
}

void assert_problems(const char *text, const char *expected)
{
    build(text);
    char *lines = problem_lines();
    assert_string_equal(lines, expected);
    free(lines);
}

const char *joined(const struct strings *list)
{
    free(last_joined);
    last_joined = strings_join(list, " ");
    return last_joined;
}

#include "profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "check.h"
#include "private.h"
#include "whole_file.h"

struct reporting {
    const char *path;
    struct problems *problems;
};

static void take_fault(void *context, int line, int column, const char *path, const char *message)
{
    const struct reporting *reporting = context;
    problems_add(reporting->problems, reporting->path, line, column, path, "%s", message);
}

static bool format_of(const char *path, enum document_format *format)
{
    static const struct {
        const char *ending;
        enum document_format format;
    } formats[] = {{".json", DOCUMENT_JSON}, {".yaml", DOCUMENT_YAML}, {".yml", DOCUMENT_YAML}};
    const char *name = path_file_name(path);
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcasecmp(ending, formats[i].ending) != 0)
            continue;
        *format = formats[i].format;
        return true;
    }
    return false;
}

/* What could be read of the document, form faults and all; NULL where nothing could. */
static struct profile *parse(const char *path, const char *data, size_t length, struct problems *problems)
{
    enum document_format format;
    if (!format_of(path, &format)) {
        problems_add(problems, path, 0, 0, NULL,
                     "not named as a profile, expected .json, .yaml or .yml at its end");
        return NULL;
    }
    struct reporting reporting = {.path = path, .problems = problems};
    struct document_report report = {.fault = take_fault, .context = &reporting};
    struct document *root = document_read(format, data, length, &report);
    if (!root)
        return NULL;
    check_form(root, path, problems);
    if (root->kind != DOCUMENT_MAP) {
        document_destroy(root);
        return NULL;
    }
    struct profile *profile = memory_new(1, sizeof(*profile));
    *profile = (struct profile){.path = memory_copy_text(path), .format = format, .root = root};
    return profile;
}

static struct profile *load(const char *path, struct problems *problems)
{
    char *data;
    size_t length;
    char *fault = whole_file_read(path, DOCUMENT_MAX_BYTES, &data, &length);
    if (fault) {
        problems_add(problems, path, 0, 0, NULL, "%s", fault);
        free(fault);
        return NULL;
    }
    struct profile *profile = parse(path, data, length, problems);
    free(data);
    return profile;
}

static struct profile *only_good(struct profile *profile, struct problems *problems, size_t before)
{
    if (problems->count == before)
        return profile;
    problems_sort(problems);
    profile_destroy(profile);
    return NULL;
}

struct profile *profile_parse(const char *path, const char *data, size_t length, struct problems *problems)
{
    size_t before = problems->count;
    return only_good(parse(path, data, length, problems), problems, before);
}

struct profile *profile_load(const char *path, struct problems *problems)
{
    size_t before = problems->count;
    return only_good(load(path, problems), problems, before);
}

/* Takes the profile, which may be NULL where nothing could be read. */
static struct profile *plan_for(struct profile *profile, const struct plan_flags *flags,
                                const struct plan_world *world, struct plan *plan, struct problems *problems,
                                size_t before)
{
    *plan = (struct plan){0};
    if (profile)
        plan_build(profile, flags, world, plan, problems);
    if (problems->count > before)
        plan_finish(plan);
    return only_good(profile, problems, before);
}

struct profile *profile_parse_plan(const char *path, const char *data, size_t length,
                                   const struct plan_flags *flags, const struct plan_world *world,
                                   struct plan *plan, struct problems *problems)
{
    size_t before = problems->count;
    return plan_for(parse(path, data, length, problems), flags, world, plan, problems, before);
}

struct profile *profile_load_plan(const char *path, const struct plan_flags *flags,
                                  const struct plan_world *world, struct plan *plan,
                                  struct problems *problems)
{
    size_t before = problems->count;
    return plan_for(load(path, problems), flags, world, plan, problems, before);
}

void profile_destroy(struct profile *profile)
{
    if (!profile)
        return;
    document_destroy(profile->root);
    free(profile->path);
    free(profile);
}

struct cJSON *profile_to_json(const struct profile *profile)
{
    return document_to_json(profile->root);
}

char *profile_find(const char *folder, bool (*is_file)(const char *path))
{
    static const char *const names[] = {"sidecard.yaml", "sidecard.yml", "sidecard.json"};
    char *here = path_absolute("/", folder);
    char *found = NULL;
    while (!found) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !found; i++) {
            char *candidate = path_join(here, names[i]);
            if (is_file(candidate))
                found = candidate;
            else
                free(candidate);
        }
        bool top = strcmp(here, "/") == 0;
        char *above = path_folder(here);
        free(here);
        here = above;
        if (top)
            break;
    }
    free(here);
    return found;
}

#include "env_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "plan/plan.h"
#include "whole_file.h"

/* line is NUL-terminated and may be changed. False where it is no KEY=VALUE. */
static bool take_line(char *line, struct strings *env)
{
    line += strspn(line, " \t");
    line[strcspn(line, "\r")] = '\0';
    if (*line == '\0' || *line == '#')
        return true;
    char *equals = strchr(line, '=');
    if (!equals || equals == line)
        return false;
    *equals = '\0';
    strings_set_variable(env, line, equals + 1);
    return true;
}

void env_file_read(const char *path, struct sidecar_plan *sidecar)
{
    char *data = NULL;
    size_t length;
    char *fault = whole_file_read(path, DOCUMENT_MAX_BYTES, &data, &length);
    if (fault) {
        error_set(&sidecar->launch_error, ERROR_MISSING_PATH, "env_file %s: %s", path, fault);
        error_remedy(&sidecar->launch_error, "create it, or change sidecars.%s.env_file", sidecar->name);
        free(fault);
        return;
    }
    int number = 0;
    for (char *line = data; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        number++;
        if (!take_line(line, &sidecar->env)) {
            error_set(&sidecar->launch_error, ERROR_PROFILE_INVALID, "%s:%d: expected KEY=VALUE", path,
                      number);
            break;
        }
        line = end ? end + 1 : NULL;
    }
    free(data);
}

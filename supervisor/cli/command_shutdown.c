#include <cjson/cJSON.h>
#include <poll.h>
#include <stdio.h>

#include "commands.h"
#include "fields.h"
#include "find.h"
#include "platform/clock.h"
#include "platform/process_table.h"
#include "verbs.h"

#define LOOK_EVERY_MS 10
#define LAST_WORK_MS  5000 /* from its answer to its end: files are written and closed */

static const struct verb_values shutdown_defaults = {.timeout_ms = 120000};

/* So that whoever starts the next one right away is not refused. */
static enum exit_code wait_for_its_end(pid_t pid, uint64_t start_time)
{
    int64_t until = clock_monotonic_ms() + LAST_WORK_MS;
    struct process_info info;
    while (process_read(pid, &info) && info.start_time == start_time && info.state != 'Z') {
        if (clock_monotonic_ms() >= until) {
            complain("everything is stopped, but the supervisor (pid %ld) still runs", (long)pid);
            return EXIT_NOT_READY;
        }
        poll(NULL, 0, LOOK_EVERY_MS);
    }
    printf("the supervisor has ended\n");
    return EXIT_FINE;
}

static enum exit_code shut_down(struct client *client, const struct verb_values *values)
{
    cJSON *status;
    enum exit_code code = find_call(client, "runtime_status", NULL, values->timeout_ms, &status);
    pid_t pid = (pid_t)field_integer(field_tree(status, "supervisor"), "pid", 0);
    cJSON_Delete(status);
    if (code != EXIT_FINE)
        return code;
    struct process_info info = {0};
    process_read(pid, &info);
    cJSON *params = cJSON_CreateObject();
    cJSON_AddNumberToObject(params, "timeout_ms", (double)values->timeout_ms);
    int64_t patience = values->timeout_ms == 0 ? -1 : values->timeout_ms + LAST_WORK_MS;
    code = find_call(client, "shutdown", params, patience, &status);
    cJSON_Delete(status);
    return code == EXIT_FINE ? wait_for_its_end(pid, info.start_time) : code;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct verb_values *values = given;
    struct client *client;
    enum exit_code code = find_client_or_complain(&values->find, &client);
    if (code != EXIT_FINE)
        return code;
    code = shut_down(client, values);
    client_destroy(client);
    return code;
}

const struct command cli_shutdown = {
    .name = "shutdown",
    .summary = "stop everything and end the supervisor",
    .names = "",
    .help = "Stops all sidecars in reverse order, then the supervisor itself; returns when its process has "
            "ended.\n\n"
            "  sidecard shutdown --data-dir ~/.project-qa-assistant",
    .groups = verb_groups,
    .values_size = sizeof(struct verb_values),
    .defaults = &shutdown_defaults,
    .run = run,
};

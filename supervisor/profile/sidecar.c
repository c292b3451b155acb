#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/url.h"
#include "build.h"
#include "grammar.h"
#include "pattern.h"
#include "values.h"

static void ignore_fault(void *context, int line, int column, const char *path, const char *message)
{
    (void)context, (void)line, (void)column, (void)path, (void)message;
}

/* The kind that a probe names; NULL: none. */
static const char *kind_of(const struct document *probe)
{
    for (const char *const *kind = grammar_probe_kinds; *kind; kind++)
        if (document_get(probe, *kind))
            return *kind;
    return NULL;
}

/* A probe of another kind replaces the role's, rhythm and all. */
static void make_way(struct document *defaults, const struct document *given, const char *key)
{
    const struct document *own = document_get(given, key);
    const struct document_member *role_probe = document_member(defaults, key);
    const char *kind = kind_of(own);
    if (!role_probe || !kind || document_get(role_probe->value, kind))
        return;
    struct document empty = {.kind = DOCUMENT_MAP};
    struct document nothing = {.kind = DOCUMENT_NULL};
    document_merge(role_probe->value, &nothing, DOCUMENT_NULL_KEEPS);
    document_merge(role_probe->value, &empty, DOCUMENT_NULL_KEEPS);
}

struct document *sidecar_document(const struct row *row)
{
    const char *defaults = role_traits_of(row->role)->defaults;
    struct document_report report = {.fault = ignore_fault};
    struct document *document = document_read(DOCUMENT_JSON, defaults, strlen(defaults), &report);
    document_forget_places(document);
    const struct document *given = row_given(row);
    if (given) {
        make_way(document, given, "ready");
        make_way(document, given, "live");
        document_merge(document, given, DOCUMENT_NULL_KEEPS);
    }
    return document;
}

/* ---- Plain parts ---- */

static void read_restart(const struct document *document, struct restart_plan *restart)
{
    const struct document *given = value_of(document, "restart");
    const struct document *backoff = value_of(given, "backoff");
    restart->policy = value_is(given, "policy", "never")        ? RESTART_NEVER
                      : value_is(given, "policy", "on-failure") ? RESTART_ON_FAILURE
                                                                : RESTART_ALWAYS;
    restart->max = value_integer(given, "max", 6);
    restart->window_ms = value_duration(given, "window", 90000);
    restart->backoff_initial_ms = value_duration(backoff, "initial", 200);
    restart->backoff_factor = value_number(backoff, "factor", 2);
    restart->backoff_max_ms = value_duration(backoff, "max", 10000);
    restart->backoff_jitter = value_number(backoff, "jitter", 0.1);
    bool never = value_is(given, "retry_after", "never") || restart->policy == RESTART_NEVER;
    restart->retry_after_ms = never ? RETRY_NEVER : value_duration(given, "retry_after", 5 * 60 * 1000);
    const struct document *codes = value_of(given, "success_exit_codes");
    restart->success_exit_code_count = codes ? codes->count : 1;
    restart->success_exit_codes = memory_new(restart->success_exit_code_count, sizeof(int));
    for (size_t i = 0; codes && i < codes->count; i++)
        restart->success_exit_codes[i] = (int)codes->members[i].value->number;
}

static void read_stop(const struct document *document, struct stop_plan *stop)
{
    const struct document *given = value_of(document, "stop");
    const char *signal = value_text(given, "signal");
    const char *path = value_text(value_of(given, "http"), "path");
    value_texts(given, "command", &stop->command);
    stop->means = path                                ? STOP_BY_HTTP
                  : stop->command.count > 0           ? STOP_BY_COMMAND
                  : value_is(given, "stdin", "close") ? STOP_BY_STDIN
                                                      : STOP_BY_SIGNAL;
    stop->signal = signal_number(signal ? signal : "SIGTERM");
    stop->only_child = value_flag(given, "only_child", false);
    stop->grace_ms = value_duration(given, "grace", 5000);
    stop->http_path = memory_copy_text(path);
}

static void check_redact_patterns(struct build *build, const struct document *logs,
                                  const struct document_path *path)
{
    const struct document *list = value_of(logs, "redact");
    struct document_path logs_path = {.parent = path, .key = "logs"};
    struct document_path redact_path = {.parent = &logs_path, .key = "redact"};
    for (size_t i = 0; list && list->kind == DOCUMENT_LIST && i < list->count; i++) {
        const struct document *item = list->members[i].value;
        char *fault = item->kind == DOCUMENT_TEXT ? pattern_fault(item->text) : NULL;
        struct document_path item_path = {.parent = &redact_path, .index = i};
        char *got = document_describe(item);
        if (fault)
            build_problem(build, item, &item_path, "expected a PCRE2 pattern, got %s: %s", got, fault);
        free(got);
        free(fault);
    }
}

static void read_logs(struct build *build, const struct document *document, const struct document_path *path,
                      struct log_plan *logs)
{
    const struct document *given = value_of(document, "logs");
    logs->file = value_flag(given, "file", true);
    logs->text_format = value_is(given, "format", "text");
    logs->max_bytes = value_size(given, "max_bytes", INT64_C(10) * 1024 * 1024);
    logs->max_files = value_integer(given, "max_files", 5);
    logs->buffer_lines = value_integer(given, "buffer_lines", 500);
    logs->redact_off = value_is(given, "redact", "off");
    check_redact_patterns(build, given, path);
    value_texts(given, "redact", &logs->redact);
}

static void read_flags(const struct row *row, const struct document *document, struct sidecar_plan *sidecar)
{
    sidecar->name = memory_copy_text(row->name);
    sidecar->title = memory_copy_text(value_text(document, "title"));
    sidecar->role = row->role;
    sidecar->remote = row->remote;
    sidecar->port = row->has_port ? row->port : 0;
    sidecar->port_picked = row->port_picked;
    sidecar->url = row->url ? url_without_user(row->url) : NULL;
    const struct document *given = row_given(row);
    bool by_default = row->remote ? false : value_flag(document, "critical", true);
    sidecar->critical = value_flag(given, "critical", by_default);
    sidecar->on_demand = value_is(document, "start", "on_demand");
    sidecar->adopt = value_is(document, "adopt", "if_healthy");
    sidecar->restart_with = value_flag(document, "restart_with", false);
    sidecar->expose = value_flag(document, "expose", false);
    sidecar->hold_stdin = value_is(document, "stdin", "hold");
    sidecar->stdio_jsonrpc = value_is(document, "stdio", "jsonrpc");
    sidecar->inherit_all = !document_get(document, "inherit_env");
    value_texts(document, "inherit_env", &sidecar->inherit_env);
}

/* ---- Dependencies ---- */

static enum dependency_condition condition_of(const char *word)
{
    return strcmp(word, "started") == 0 ? DEPENDENCY_STARTED
           : strcmp(word, "ready") == 0 ? DEPENDENCY_READY
                                        : DEPENDENCY_COMPLETED;
}

static void refuse_dependency(struct build *build, const struct document_member *member,
                              const struct document_path *path, const char *message)
{
    char *where = document_path_text(path);
    problems_add(build->problems, build->file, member->line, member->column, where, "%s", message);
    free(where);
}

/* The row that a dependency names; NULL, and reported where it was written, where there is none in this
 * runtime. A default one on what this runtime lacks is dropped. */
static struct row *target_of(struct build *build, const struct row *row, const struct document_member *member,
                             bool by_default, const struct document_path *path)
{
    struct row *target = row_find(build, member->key);
    const char *near = target ? NULL : row_suggest(build, member->key);
    char *message = NULL;
    if (by_default)
        return target && !target->absent ? target : NULL;
    if (!target)
        message = near ? text_format("unknown dependency, did you mean '%s'?", near)
                       : memory_copy_text("unknown dependency, expected the name of a sidecar");
    else if (!row->absent && target->absent && build->mode_known)
        message = text_format("'%s' %s, expected a sidecar that is", target->name, target->absent);
    if (message)
        refuse_dependency(build, member, path, message);
    free(message);
    return target;
}

static void read_dependencies(struct build *build, struct row *row, const struct document *document,
                              const struct document_path *path)
{
    const struct document *all = value_of(document, "depends_on");
    struct document_path parent = {.parent = path, .key = "depends_on"};
    if (!all)
        return;
    row->edges = memory_new(all->count, sizeof(*row->edges));
    for (size_t i = 0; i < all->count; i++) {
        const struct document_member *member = &all->members[i];
        bool by_default = member->line == 0;
        struct document_path child = {.parent = &parent, .key = member->key};
        struct row *target =
            member->value->kind == DOCUMENT_NULL ? NULL : target_of(build, row, member, by_default, &child);
        if (!target)
            continue;
        const char *word = member->value->kind == DOCUMENT_TEXT ? member->value->text : "ready";
        row->edges[row->edge_count++] = (struct edge){.target = (size_t)(target - build->rows),
                                                      .condition = condition_of(word),
                                                      .by_default = by_default,
                                                      .line = member->line,
                                                      .column = member->column};
    }
}

/* ---- The whole ---- */

static void read_probes(struct build *build, const struct row *row, const struct document *document,
                        const struct document_path *path, struct sidecar_plan *sidecar)
{
    probe_build(build, row, document, "ready", path, &sidecar->ready);
    probe_build(build, row, document, row->remote ? "ready" : "live", path, &sidecar->live);
    if (row->remote)
        probe_read_rhythm(value_of(document, "live"), true, &sidecar->live);
    if (row->remote || build->flags->no_live)
        sidecar->live.enforce = false;
}

void sidecar_build(struct build *build, struct row *row, struct sidecar_plan *sidecar)
{
    struct document *document = sidecar_document(row);
    struct document_path sidecars = {.key = "sidecars"};
    struct document_path path = {.parent = &sidecars, .key = row->name};
    struct scope scope = {.build = build, .self = row, .lenient = row->absent != NULL};
    scope_expand(&scope, document, &path);
    read_flags(row, document, sidecar);
    read_restart(document, &sidecar->restart);
    read_stop(document, &sidecar->stop);
    read_logs(build, document, &path, &sidecar->logs);
    read_probes(build, row, document, &path, sidecar);
    read_dependencies(build, row, document, &path);
    if (!row->absent && !row->remote)
        launch_build(build, row, document, sidecar);
    document_destroy(document);
}

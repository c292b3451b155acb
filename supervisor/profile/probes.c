#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "base/url.h"
#include "build.h"
#include "expectation.h"
#include "grammar.h"
#include "pattern.h"
#include "values.h"

/* What lifecycle.md, 'Probes', gives where a profile does not. */
static const int64_t ready_interval_ms = 250;
static const int64_t ready_timeout_ms = 35000;
static const int64_t live_interval_ms = 5000;
static const int64_t live_timeout_ms = 2000;
static const int live_failures = 3;
static const int64_t heartbeat_timeout_ms = 30000;
static const int64_t uptime_ms = 1000;

/* What the readers of the kinds work on. */
struct reader {
    struct build *build;
    const struct row *row;
    const struct document *settings;  /* what stands behind the kind's key */
    const struct document_path *path; /* of settings */
    struct probe_plan *probe;
};

static char *copy_of(const struct document *map, const char *key)
{
    return memory_copy_text(value_text(map, key));
}

static char *path_of(const struct reader *reader, const char *key)
{
    const char *text = value_text(reader->settings, key);
    return text ? settings_path(reader->build, text) : NULL;
}

/* The pattern under key, which must be good PCRE2. */
static char *pattern_of(const struct reader *reader, const char *key)
{
    const char *text = value_text(reader->settings, key);
    char *fault = text ? pattern_fault(text) : NULL;
    if (fault) {
        struct document_path path = {.parent = reader->path, .key = key};
        char *got = document_describe(document_get(reader->settings, key));
        build_problem(reader->build, document_get(reader->settings, key), &path,
                      "expected a PCRE2 pattern, got %s: %s", got, fault);
        free(got);
    }
    free(fault);
    return memory_copy_text(text);
}

/* `port` of the probe, else the sidecar's. */
static void read_port(const struct reader *reader)
{
    const struct row *row = reader->row;
    reader->probe->port = value_integer(reader->settings, "port", row->has_port ? row->port : 0);
    if (reader->probe->port == 0 && !row->has_port && !document_get(reader->settings, "port"))
        build_problem(reader->build, reader->settings, reader->path,
                      "no port to ask, expected 'port' here or in the sidecar");
}

static void read_tcp(const struct reader *reader)
{
    reader->probe->host = copy_of(reader->settings, "host");
    read_port(reader);
}

static void add_status(struct probe_plan *probe, struct status_range range)
{
    probe->statuses = memory_resize(probe->statuses, probe->status_count + 1, sizeof(*probe->statuses));
    probe->statuses[probe->status_count++] = range;
}

static void read_status(const struct reader *reader, const struct document *value)
{
    struct status_range range;
    if (value->kind == DOCUMENT_NUMBER) {
        range.from = range.to = (int)value->number;
    } else {
        range.from = atoi(value->text);
        range.to = value->text[3] == '-' ? atoi(value->text + 4) : range.from;
    }
    struct document_path path = {.parent = reader->path, .key = "status"};
    if (range.to < range.from)
        build_problem(reader->build, value, &path, "expected the smaller status first, got \"%s\"",
                      value->text);
    add_status(reader->probe, range);
}

static void read_statuses(const struct reader *reader)
{
    const struct document *status = value_of(reader->settings, "status");
    if (!status)
        add_status(reader->probe, (struct status_range){200, 399});
    else if (status->kind != DOCUMENT_LIST)
        read_status(reader, status);
    for (size_t i = 0; status && status->kind == DOCUMENT_LIST && i < status->count; i++)
        read_status(reader, status->members[i].value);
}

static void read_expected_fields(const struct reader *reader)
{
    const struct document *fields = value_of(reader->settings, "expect_json");
    for (size_t i = 0; fields && fields->kind == DOCUMENT_MAP && i < fields->count; i++) {
        const struct document_member *member = &fields->members[i];
        if (member->value->kind == DOCUMENT_INVALID)
            continue;
        cJSON *json = document_to_json(member->value);
        char *compact = cJSON_PrintUnformatted(json);
        strings_take(&reader->probe->expect_json, text_format("%s=%s", member->key, compact));
        cJSON_free(compact);
        cJSON_Delete(json);
    }
}

static void read_http(const struct reader *reader)
{
    struct probe_plan *probe = reader->probe;
    const char *url = value_text(reader->settings, "url");
    const char *path = value_text(reader->settings, "path");
    probe->host = copy_of(reader->settings, "host");
    probe->unix_socket = path_of(reader, "unix_socket");
    probe->path = url ? NULL : memory_copy_text(path ? path : "/");
    if (url)
        probe->url = memory_copy_text(url);
    else if (reader->row->remote && reader->row->url && !value_of(reader->settings, "port"))
        probe->url = url_join(reader->row->url, probe->path);
    else if (!document_get(reader->settings, "url") && !document_get(reader->settings, "unix_socket"))
        read_port(reader);
    value_pairs(reader->settings, "headers", ": ", &probe->headers);
    value_pairs(reader->settings, "expect_header", "=", &probe->expect_header);
    probe->body = pattern_of(reader, "body");
    read_statuses(reader);
    read_expected_fields(reader);
}

static void read_exec(const struct reader *reader)
{
    value_texts(reader->settings, "command", &reader->probe->command);
    reader->probe->cwd = path_of(reader, "cwd"); /* NULL: the sidecar's, filled in with the sidecar */
}

static void read_mongo(const struct reader *reader)
{
    struct probe_plan *probe = reader->probe;
    probe->mongo_uri = copy_of(reader->settings, "uri");
    probe->mongo_primary = value_flag(reader->settings, "primary", false);
    if (!probe->mongo_uri && reader->row->remote)
        probe->mongo_uri = memory_copy_text(reader->row->url);
    if (!probe->mongo_uri && !document_get(reader->settings, "uri"))
        read_port(reader);
}

static void read_log(const struct reader *reader)
{
    reader->probe->pattern = pattern_of(reader, "pattern");
}

static void read_heartbeat(const struct reader *reader)
{
    (void)reader;
}

static void read_rpc(const struct reader *reader)
{
    const struct document *params = value_of(reader->settings, "params");
    reader->probe->method = copy_of(reader->settings, "method");
    if (params) {
        cJSON *json = document_to_json(params);
        char *compact = cJSON_PrintUnformatted(json);
        reader->probe->params = memory_copy_text(compact);
        cJSON_free(compact);
        cJSON_Delete(json);
    }
    const struct document *given = row_given(reader->row);
    if (!value_is(given, "stdio", "jsonrpc") &&
        (!given || !document_get(given, "stdio") || value_of(given, "stdio")))
        build_problem(reader->build, reader->settings, reader->path,
                      "asks over stdio, expected 'stdio: jsonrpc' in the sidecar");
}

static void read_notify(const struct reader *reader)
{
    reader->probe->notify_fd = value_integer(reader->settings, "fd", -1);
}

static const struct {
    const char *key;
    enum probe_kind kind;
    void (*read)(const struct reader *reader);
} kinds[] = {
    {"tcp", PROBE_TCP, read_tcp},    {"http", PROBE_HTTP, read_http},
    {"exec", PROBE_EXEC, read_exec}, {"mongo", PROBE_MONGO, read_mongo},
    {"log", PROBE_LOG, read_log},    {"heartbeat", PROBE_HEARTBEAT, read_heartbeat},
    {"rpc", PROBE_RPC, read_rpc},    {"notify", PROBE_NOTIFY, read_notify},
};

void probe_read_rhythm(const struct document *given, bool live, struct probe_plan *probe)
{
    bool heartbeat = probe->kind == PROBE_HEARTBEAT;
    int64_t timeout = heartbeat ? heartbeat_timeout_ms : live ? live_timeout_ms : ready_timeout_ms;
    probe->interval_ms = value_duration(given, "interval", live ? live_interval_ms : ready_interval_ms);
    probe->timeout_ms = value_duration(given, "timeout", timeout);
    probe->failures = value_integer(given, "failures", heartbeat ? 1 : live_failures);
    probe->enforce = value_flag(given, "enforce", true);
    if (probe->kind == PROBE_UPTIME)
        probe->timeout_ms = uptime_ms;
}

/* A sidecar that names no kind of ready probe has the one that its port allows. */
static enum probe_kind default_kind(struct build *build, const struct row *row, const struct document *given,
                                    bool live, const struct document_path *path)
{
    if (live) {
        char *expected = expectation_list(grammar_probe_kinds);
        if (given)
            build_problem(build, given, path, "no kind of probe, expected %s", expected);
        free(expected);
        return PROBE_NONE;
    }
    return row->has_port ? PROBE_TCP : PROBE_UPTIME;
}

void probe_build(struct build *build, const struct row *row, const struct document *document, const char *key,
                 const struct document_path *path, struct probe_plan *probe)
{
    bool live = strcmp(key, "live") == 0;
    const struct document *given = value_of(document, key);
    struct document_path probe_path = {.parent = path, .key = key};
    probe->notify_fd = -1;
    bool at_fault = false;
    for (size_t i = 0; given && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct document *settings = document_get(given, kinds[i].key);
        if (!settings)
            continue;
        at_fault = settings->kind == DOCUMENT_INVALID;
        if (at_fault)
            continue;
        struct document_path kind_path = {.parent = &probe_path, .key = kinds[i].key};
        struct reader reader = {build, row, settings, &kind_path, probe};
        probe->kind = kinds[i].kind;
        kinds[i].read(&reader);
        break;
    }
    if (probe->kind == PROBE_NONE && !at_fault)
        probe->kind = default_kind(build, row, given, live, &probe_path);
    if (probe->kind == PROBE_TCP && probe->port == 0)
        probe->port = row->port;
    probe_read_rhythm(given, live, probe);
}

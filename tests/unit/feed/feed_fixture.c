#include "feed_fixture.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crc32.h"
#include "base/memory.h"
#include "base/text.h"
#include "files/file.h"

int fixture_set_up(void **state)
{
    struct fixture *fixture = memory_new(1, sizeof *fixture);
    fixture->home = memory_copy_text("/tmp/sidecard-feed-XXXXXX");
    if (uv_loop_init(&fixture->loop) < 0 || !mkdtemp(fixture->home))
        return -1;
    fixture->folder = text_format("%s/runtime", fixture->home);
    fixture->snapshot = text_format("%s/runtime-events.json", fixture->folder);
    fixture->journal = text_format("%s/runtime-events.journal", fixture->folder);
    *state = fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    char *command = text_format("rm -rf '%s'", fixture->home);
    int code = system(command);
    free(command);
    code |= uv_loop_close(&fixture->loop);
    free(fixture->home);
    free(fixture->folder);
    free(fixture->snapshot);
    free(fixture->journal);
    free(fixture);
    return code;
}

void fixture_open(struct fixture *fixture, struct feed_options options)
{
    options.folder = fixture->folder;
    fixture->feed = feed_create(&fixture->loop, &options);
}

void fixture_close(struct fixture *fixture)
{
    feed_destroy(fixture->feed);
    fixture->feed = NULL;
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
}

static void on_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

void fixture_run(struct fixture *fixture, int milliseconds)
{
    uv_timer_t timer;
    uv_timer_init(&fixture->loop, &timer);
    uv_update_time(&fixture->loop);
    uv_timer_start(&timer, on_timer, (uint64_t)milliseconds, 0);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

bool fixture_run_until_file(struct fixture *fixture, const char *path, bool there, int milliseconds)
{
    for (int spent = 0; spent < milliseconds; spent += 5) {
        if ((access(path, F_OK) == 0) == there)
            return true;
        fixture_run(fixture, 5);
    }
    return false;
}

bool fixture_run_until_well(struct fixture *fixture, int milliseconds)
{
    for (int spent = 0; spent < milliseconds && feed_error(fixture->feed); spent += 5)
        fixture_run(fixture, 5);
    return !feed_error(fixture->feed);
}

void fixture_add(struct fixture *fixture, int first, int last)
{
    for (int i = first; i <= last; i++)
        feed_add(fixture->feed, LEVEL_OF_KIND, KIND_SIDECAR_NOTICE, "web", NULL, "event %d", i);
}

static cJSON *reparsed(cJSON *raw)
{
    char *printed = cJSON_PrintUnformatted(raw);
    cJSON *parsed = cJSON_Parse(printed);
    assert_non_null(parsed);
    free(printed);
    cJSON_Delete(raw);
    return parsed;
}

cJSON *fixture_events(const struct fixture *fixture)
{
    return reparsed(feed_query(fixture->feed, &(struct event_query){.limit = 1000000}));
}

int fixture_count_kind(const struct fixture *fixture, const char *kind)
{
    cJSON *events = fixture_events(fixture);
    int count = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        count += strcmp(cJSON_GetObjectItem(event, "kind")->valuestring, kind) == 0;
    }
    cJSON_Delete(events);
    return count;
}

cJSON *fixture_read_snapshot(const struct fixture *fixture)
{
    char *text = fixture_read(fixture->snapshot);
    cJSON *document = cJSON_ParseWithOpts(text, NULL, true);
    free(text);
    return document;
}

char *fixture_read(const char *path)
{
    struct text text = {0};
    assert_int_equal(file_read_whole(path, 1 << 30, &text), 0);
    return text_take(&text);
}

void fixture_write(const char *path, const char *content)
{
    assert_int_equal(file_replace(path, content, strlen(content), false), 0);
}

void fixture_append(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

char *fixture_journal_line(int seq, const char *message)
{
    char *json =
        text_format("{\"ts_ms\":1,\"level\":\"info\",\"source\":\"web\",\"message\":\"%s\",\"seq\":%d,"
                    "\"kind\":\"sidecar.notice\",\"data\":{}}",
                    message, seq);
    char *line = text_format("%08x %s\n", crc32_of(json, strlen(json)), json);
    free(json);
    return line;
}

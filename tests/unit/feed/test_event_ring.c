#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/text.h"
#include "feed/event_ring.h"

static void fill(struct event_ring *ring, size_t capacity, int64_t from, int64_t to)
{
    event_ring_init(ring, capacity);
    for (int64_t seq = from; seq <= to; seq++) {
        struct event event = {.ts_ms = seq,
                              .seq = seq,
                              .level = seq % 3 == 0 ? LEVEL_WARN : LEVEL_INFO,
                              .source = seq % 2 == 0 ? "web" : "backend",
                              .kind = "sidecar.notice",
                              .message = "m"};
        char *line = event_to_line(&event);
        event_ring_add(ring, event_entry_make(&event, line, strlen(line)));
        free(line);
    }
}

/* The seqs that a query gives, as text. */
static void assert_query(const struct event_ring *ring, struct event_query query, const char *wanted)
{
    cJSON *raw = event_ring_query(ring, &query);
    char *printed = cJSON_PrintUnformatted(raw);
    cJSON *events = cJSON_Parse(printed);
    struct text seqs = {0};
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        text_printf(&seqs, "%s%d", seqs.length ? " " : "", cJSON_GetObjectItem(event, "seq")->valueint);
    }
    assert_string_equal(text_get(&seqs), wanted);
    text_finish(&seqs);
    cJSON_Delete(events);
    free(printed);
    cJSON_Delete(raw);
}

static void the_newest_are_kept(void **state)
{
    struct event_ring ring;
    fill(&ring, 5, 1, 12);
    assert_int_equal(ring.count, 5);
    assert_int_equal(event_ring_first_seq(&ring), 8);
    assert_int_equal(event_ring_last_seq(&ring), 12);
    event_ring_finish(&ring);
}

static void queries_without_since_give_the_newest(void **state)
{
    struct event_ring ring;
    fill(&ring, 10, 1, 14);
    assert_query(&ring, (struct event_query){.limit = 3}, "12 13 14");
    assert_query(&ring, (struct event_query){.limit = 300}, "5 6 7 8 9 10 11 12 13 14");
    assert_query(&ring, (struct event_query){.limit = 2, .source = "web"}, "12 14");
    assert_query(&ring, (struct event_query){.limit = 2, .min_level = LEVEL_WARN}, "9 12");
    assert_query(&ring, (struct event_query){.limit = 9, .source = "ollama"}, "");
    event_ring_finish(&ring);
}

static void queries_with_since_give_the_first_later_ones(void **state)
{
    struct event_ring ring;
    fill(&ring, 10, 1, 14);
    assert_query(&ring, (struct event_query){.limit = 3, .has_since = true, .since_seq = 0}, "5 6 7");
    assert_query(&ring, (struct event_query){.limit = 3, .has_since = true, .since_seq = 7}, "8 9 10");
    assert_query(&ring, (struct event_query){.limit = 3, .has_since = true, .since_seq = 13}, "14");
    assert_query(&ring, (struct event_query){.limit = 3, .has_since = true, .since_seq = 14}, "");
    assert_query(&ring,
                 (struct event_query){.limit = 2, .has_since = true, .since_seq = 6, .source = "backend"},
                 "7 9");
    event_ring_finish(&ring);
}

static void an_empty_ring_is_an_empty_document(void **state)
{
    struct event_ring ring;
    struct text text = {0};
    event_ring_init(&ring, 4);
    event_ring_print(&ring, &text);
    cJSON *document = cJSON_Parse(text_get(&text));
    assert_true(cJSON_IsArray(document));
    assert_int_equal(cJSON_GetArraySize(document), 0);
    assert_int_equal(event_ring_first_seq(&ring), 0);
    assert_query(&ring, (struct event_query){.limit = 3}, "");
    cJSON_Delete(document);
    text_finish(&text);
    event_ring_finish(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_are_kept),
        cmocka_unit_test(queries_without_since_give_the_newest),
        cmocka_unit_test(queries_with_since_give_the_first_later_ones),
        cmocka_unit_test(an_empty_ring_is_an_empty_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

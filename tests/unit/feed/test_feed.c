#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crc32.h"
#include "base/memory.h"
#include "base/text.h"
#include "feed_fixture.h"
#include "files/file.h"

static void events_are_numbered_and_in_the_journal_at_once(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    cJSON *data = cJSON_CreateObject();
    cJSON_AddNumberToObject(data, "code", 3);
    assert_int_equal(feed_add(fixture->feed, LEVEL_OF_KIND, KIND_SIDECAR_EXITED, "web", data, "exit %d", 3),
                     1);
    assert_int_equal(feed_add(fixture->feed, LEVEL_INFO, KIND_SIDECAR_EXITED, "web", NULL, "asked for"), 2);

    char *journal = fixture_read(fixture->journal);
    char *newline = strchr(journal, '\n');
    assert_int_equal(strtoul(journal, NULL, 16), crc32_of(journal + 9, (size_t)(newline - journal - 9)));
    assert_int_equal(journal[8], ' ');
    *newline = '\0';
    assert_non_null(strstr(journal, "\"level\":\"warn\",\"source\":\"web\",\"message\":\"exit 3\",\"seq\":1,"
                                    "\"kind\":\"sidecar.exited\",\"data\":{\"code\":3}}"));
    assert_non_null(strstr(newline + 1, "\"level\":\"info\""));
    assert_int_equal(newline[1 + strlen(newline + 1) - 1], '\n');
    free(journal);
    assert_null(feed_error(fixture->feed));
}

/* How long it takes from the first of many events until the snapshot has them. */
static uint64_t snapshot_delay_ns(struct fixture *fixture)
{
    unlink(fixture->snapshot);
    uv_update_time(&fixture->loop);
    uint64_t begin = uv_hrtime();
    fixture_add(fixture, 1, 1000);
    assert_true(fixture_run_until_file(fixture, fixture->snapshot, true, 2000));
    return uv_hrtime() - begin;
}

static void the_snapshot_follows_within_a_quarter_of_a_second(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    uint64_t shortest = snapshot_delay_ns(fixture);
    for (int i = 0; i < 4; i++) { /* a busy machine may miss it once */
        fixture_run(fixture, 200);
        uint64_t delay = snapshot_delay_ns(fixture);
        shortest = delay < shortest ? delay : shortest;
    }
    assert_true(shortest < 250 * UINT64_C(1000000));
    cJSON *events = fixture_read_snapshot(fixture);
    assert_int_equal(cJSON_GetArraySize(events), FEED_MAX_EVENTS);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(events, 0), "seq")->valueint, 4801);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(events, 199), "seq")->valueint, 5000);
    cJSON_Delete(events);
}

static void a_burst_costs_few_snapshots(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    fixture_run(fixture, 400);
    struct stat before;
    assert_int_equal(stat(fixture->snapshot, &before), 0);
    uint64_t begin = uv_hrtime();
    int replaced = 0;
    for (int round = 0; round < 300; round++) {
        struct stat now;
        fixture_add(fixture, 1, 10);
        fixture_run(fixture, 1);
        assert_int_equal(stat(fixture->snapshot, &now), 0);
        replaced += now.st_ino != before.st_ino;
        before = now;
    }
    assert_true(replaced <= 1 + (int)((uv_hrtime() - begin) / 1000000 / 150));
    fixture_run(fixture, 400);
    cJSON *events = fixture_read_snapshot(fixture);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(events, 199), "seq")->valueint, 3001);
    cJSON_Delete(events);
}

static void closing_writes_what_is_left(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_close(fixture);
    cJSON *events = fixture_read_snapshot(fixture);
    assert_int_equal(cJSON_GetArraySize(events), 3);
    cJSON_Delete(events);
}

static void files_and_folder_are_private(void **state)
{
    struct fixture *fixture = *state;
    mode_t before = umask(0);
    assert_int_equal(mkdir(fixture->folder, 0777), 0);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_close(fixture);
    umask(before);
    struct stat status;
    assert_int_equal(stat(fixture->folder, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(fixture->snapshot, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(fixture->journal, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void another_path_can_be_named(void **state)
{
    struct fixture *fixture = *state;
    char *path = text_format("%s/else/where/events", fixture->home);
    char *journal = text_format("%s/else/where/events.journal", fixture->home);
    fixture_open(fixture, (struct feed_options){.snapshot_path = path});
    assert_string_equal(feed_path(fixture->feed), path);
    fixture_add(fixture, 1, 1);
    fixture_close(fixture);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(access(journal, F_OK), 0);
    assert_int_equal(access(fixture->folder, F_OK), -1);
    free(journal);
    free(path);
}

/* Listeners */

struct hearer {
    struct fixture *fixture;
    struct listener *listener;
    struct text heard;
    int add_at;    /* adds another event when it hears this seq */
    int remove_at; /* goes when it hears this seq */
};

static void hear(void *context, const struct event *event, const char *line)
{
    struct hearer *hearer = context;
    cJSON *object = cJSON_Parse(line);
    assert_int_equal(cJSON_GetObjectItem(object, "seq")->valueint, event->seq);
    cJSON_Delete(object);
    char *journal = fixture_read(hearer->fixture->journal);
    assert_non_null(strstr(journal, line));
    free(journal);
    text_printf(&hearer->heard, "%d:%s ", (int)event->seq, event->message);
    if (event->seq == hearer->add_at)
        feed_add(hearer->fixture->feed, LEVEL_OF_KIND, KIND_SIDECAR_NOTICE, "web", NULL, "nested");
    if (event->seq == hearer->remove_at)
        feed_unlisten(hearer->fixture->feed, hearer->listener);
}

static void listeners_hear_in_order_whatever_they_do(void **state)
{
    struct fixture *fixture = *state;
    struct hearer first = {.fixture = fixture, .add_at = 1};
    struct hearer second = {.fixture = fixture, .remove_at = 2};
    struct hearer third = {.fixture = fixture};
    fixture_open(fixture, (struct feed_options){0});
    first.listener = feed_listen(fixture->feed, hear, &first);
    second.listener = feed_listen(fixture->feed, hear, &second);
    third.listener = feed_listen(fixture->feed, hear, &third);
    fixture_add(fixture, 1, 2);
    assert_string_equal(text_get(&first.heard), "1:event 1 2:nested 3:event 2 ");
    assert_string_equal(text_get(&second.heard), "1:event 1 2:nested ");
    assert_string_equal(text_get(&third.heard), "1:event 1 2:nested 3:event 2 ");
    feed_unlisten(fixture->feed, third.listener);
    feed_unlisten(fixture->feed, NULL);
    fixture_add(fixture, 3, 3);
    assert_string_equal(text_get(&third.heard), "1:event 1 2:nested 3:event 2 ");
    text_finish(&first.heard);
    text_finish(&second.heard);
    text_finish(&third.heard);
}

static char *hide(void *context, const char *text)
{
    return strstr(text, "hunter2") ? memory_copy_text("[redacted]") : NULL;
}

static void secrets_are_nowhere(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){.redact = hide});
    cJSON *data = cJSON_Parse("{\"stderr\":[\"a\",{\"b\":\"my hunter2\"}],\"n\":1}");
    feed_add(fixture->feed, LEVEL_OF_KIND, KIND_SIDECAR_NOTICE, "web", data, "it is hunter2");
    fixture_close(fixture);
    char *journal = fixture_read(fixture->journal);
    char *snapshot = fixture_read(fixture->snapshot);
    assert_null(strstr(journal, "hunter2"));
    assert_null(strstr(snapshot, "hunter2"));
    assert_non_null(strstr(snapshot, "\"message\":\"[redacted]\""));
    assert_non_null(strstr(snapshot, "{\"stderr\":[\"a\",{\"b\":\"[redacted]\"}],\"n\":1}"));
    free(journal);
    free(snapshot);
}

static void an_event_that_is_far_too_long_is_cut(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    char *huge = memory_new(2000001, 1);
    memset(huge, 'x', 2000000);
    feed_add(fixture->feed, LEVEL_OF_KIND, KIND_SIDECAR_NOTICE, "web", NULL, "%s", huge);
    free(huge);
    fixture_close(fixture);
    struct stat status;
    assert_int_equal(stat(fixture->journal, &status), 0);
    assert_true(status.st_size < 20000);
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(feed_last_seq(fixture->feed), 1);
}

static void the_journal_is_begun_anew_past_four_mebibytes(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){.max_events = 50});
    off_t largest = 0;
    int begun_anew = 0;
    struct stat before = {0};
    for (int i = 1; i <= 60000; i++) {
        fixture_add(fixture, i, i);
        struct stat now;
        assert_int_equal(stat(fixture->journal, &now), 0);
        largest = now.st_size > largest ? now.st_size : largest;
        begun_anew += i > 1 && now.st_ino != before.st_ino;
        before = now;
    }
    assert_int_equal(begun_anew, 1);
    assert_true(largest >= 4 * 1024 * 1024 && largest < 4 * 1024 * 1024 + 1000);
    fixture_close(fixture);
    assert_int_equal(unlink(fixture->snapshot), 0);
    fixture_open(fixture, (struct feed_options){.max_events = 50});
    assert_int_equal(feed_first_seq(fixture->feed), 59951);
    assert_int_equal(feed_last_seq(fixture->feed), 60000);
}

/* A reader in a tight loop while events come. */

struct reader {
    const struct fixture *fixture;
    uv_sem_t stop;
    int read;
    int bad;
};

static void read_on(void *context)
{
    struct reader *reader = context;
    while (uv_sem_trywait(&reader->stop) < 0) {
        struct text text = {0};
        if (file_read_whole(reader->fixture->snapshot, 1 << 30, &text) == 0) {
            const char *data = text_get(&text);
            reader->read++;
            /* Whole: both brackets, and a line an event. The document itself is parsed by the loop's thread,
             * since cJSON keeps the place of its last error in one global. */
            reader->bad += text.length < 5 || data[0] != '[' || strcmp(data + text.length - 3, "\n]\n") != 0;
        }
        text_finish(&text);
    }
}

static void a_reader_never_sees_anything_but_a_whole_document(void **state)
{
    struct fixture *fixture = *state;
    struct reader reader = {.fixture = fixture};
    uv_thread_t thread;
    assert_int_equal(uv_sem_init(&reader.stop, 0), 0);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    fixture_run(fixture, 400);
    assert_int_equal(uv_thread_create(&thread, read_on, &reader), 0);
    for (int i = 0; i < 100; i++) {
        fixture_add(fixture, 1, 100);
        fixture_run(fixture, 10);
        cJSON *events = fixture_read_snapshot(fixture);
        assert_true(cJSON_IsArray(events));
        assert_true(cJSON_GetArraySize(events) >= 1);
        cJSON_Delete(events);
    }
    uv_sem_post(&reader.stop);
    uv_thread_join(&thread);
    uv_sem_destroy(&reader.stop);
    assert_true(reader.read > 50);
    assert_int_equal(reader.bad, 0);
    assert_int_equal(feed_last_seq(fixture->feed), 10001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_are_numbered_and_in_the_journal_at_once),
        TEST(the_snapshot_follows_within_a_quarter_of_a_second),
        TEST(a_burst_costs_few_snapshots),
        TEST(closing_writes_what_is_left),
        TEST(files_and_folder_are_private),
        TEST(another_path_can_be_named),
        TEST(listeners_hear_in_order_whatever_they_do),
        TEST(secrets_are_nowhere),
        TEST(an_event_that_is_far_too_long_is_cut),
        TEST(the_journal_is_begun_anew_past_four_mebibytes),
        TEST(a_reader_never_sees_anything_but_a_whole_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

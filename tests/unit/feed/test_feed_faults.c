#include <cjson/cJSON.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "feed_fixture.h"

/* Files of this process cannot grow past so many bytes: a full disk that needs no file system of its own. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int seqs_without_gap(const struct fixture *fixture)
{
    cJSON *events = fixture_events(fixture);
    int previous = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        int seq = cJSON_GetObjectItem(event, "seq")->valueint;
        assert_true(previous == 0 || seq == previous + 1);
        previous = seq;
    }
    cJSON_Delete(events);
    return previous;
}

static void a_full_disk_keeps_events_in_memory_and_writing_resumes(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 10);
    fixture_run(fixture, 300);
    struct stat full;
    assert_int_equal(stat(fixture->journal, &full), 0);
    limit_files((rlim_t)full.st_size + 100);
    fixture_add(fixture, 11, 20);
    assert_non_null(feed_error(fixture->feed));
    assert_non_null(
        strstr(feed_error(fixture->feed), "runtime-events.journal cannot be written: file too large"));
    assert_int_equal(fixture_count_kind(fixture, "feed.failed"), 1);
    assert_int_equal(fixture_count_kind(fixture, "feed.resumed"), 0);
    struct stat now;
    assert_int_equal(stat(fixture->journal, &now), 0);
    assert_int_equal(now.st_size, full.st_size);
    fixture_run(fixture, 2500);
    assert_non_null(feed_error(fixture->feed));
    assert_int_equal(fixture_count_kind(fixture, "feed.failed"), 1);

    limit_files(RLIM_INFINITY);
    assert_true(fixture_run_until_well(fixture, 5000));
    assert_int_equal(fixture_count_kind(fixture, "feed.failed"), 1);
    assert_int_equal(fixture_count_kind(fixture, "feed.resumed"), 1);
    assert_int_equal(seqs_without_gap(fixture), 22);
    fixture_close(fixture);
    unlink(fixture->snapshot);
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(seqs_without_gap(fixture), 22);
    assert_int_equal(fixture_count_kind(fixture, "runtime.notice"), 0);
}

static void a_snapshot_that_cannot_be_written_is_trouble_too(void **state)
{
    struct fixture *fixture = *state;
    char *aside = text_format("%s.new", fixture->snapshot);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    assert_int_equal(mkdir(aside, 0700), 0);
    fixture_add(fixture, 2, 2);
    fixture_run(fixture, 400);
    assert_non_null(feed_error(fixture->feed));
    assert_non_null(strstr(feed_error(fixture->feed), "runtime-events.json"));
    assert_int_equal(rmdir(aside), 0);
    assert_true(fixture_run_until_well(fixture, 5000));
    assert_int_equal(fixture_count_kind(fixture, "feed.resumed"), 1);
    free(aside);
}

static void a_folder_that_cannot_be_made_is_no_reason_to_stop(void **state)
{
    struct fixture *fixture = *state;
    char *in_the_way = text_format("%s", fixture->folder);
    fixture_write(in_the_way, "a file");
    fixture_open(fixture, (struct feed_options){0});
    assert_non_null(feed_error(fixture->feed));
    fixture_add(fixture, 1, 3);
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 3);
    assert_int_equal(fixture_count_kind(fixture, "feed.failed"), 1);
    unlink(in_the_way);
    assert_true(fixture_run_until_well(fixture, 5000));
    fixture_close(fixture);
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 3);
    assert_int_equal(fixture_count_kind(fixture, "feed.resumed"), 1);
    free(in_the_way);
}

static void a_folder_that_goes_away_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_run(fixture, 300);
    char *away = text_format("%s-away", fixture->folder);
    assert_int_equal(rename(fixture->folder, away), 0);
    assert_true(fixture_run_until_file(fixture, fixture->snapshot, true, 4000));
    assert_int_equal(access(fixture->journal, F_OK), 0);
    struct stat status;
    assert_int_equal(stat(fixture->folder, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    fixture_add(fixture, 4, 4);
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 4);
    unlink(fixture->snapshot);
    fixture_close(fixture);
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 4);
    free(away);
}

static void a_snapshot_that_goes_away_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_run(fixture, 300);
    assert_int_equal(unlink(fixture->snapshot), 0);
    assert_true(fixture_run_until_file(fixture, fixture->snapshot, true, 4000));
}

static void a_feed_is_closed_while_it_cannot_be_written(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    limit_files(0);
    fixture_add(fixture, 4, 5);
    fixture_close(fixture);
    limit_files(RLIM_INFINITY);
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 3);
}

static void synced_events_are_written_like_others(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){.sync_always = true, .max_events = 10});
    fixture_add(fixture, 1, 50);
    assert_null(feed_error(fixture->feed));
    fixture_close(fixture);
    fixture_open(fixture, (struct feed_options){.sync_always = true, .max_events = 10});
    assert_int_equal(seqs_without_gap(fixture), 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_keeps_events_in_memory_and_writing_resumes),
        TEST(a_snapshot_that_cannot_be_written_is_trouble_too),
        TEST(a_folder_that_cannot_be_made_is_no_reason_to_stop),
        TEST(a_folder_that_goes_away_is_made_anew),
        TEST(a_snapshot_that_goes_away_is_made_anew),
        TEST(a_feed_is_closed_while_it_cannot_be_written),
        TEST(synced_events_are_written_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

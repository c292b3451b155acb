#include <cjson/cJSON.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "feed_fixture.h"
#include "files/folder.h"

static char *beside(const struct fixture *fixture, const char *name)
{
    return text_format("%s/%s", fixture->folder, name);
}

static void assert_exists(const struct fixture *fixture, const char *name, bool wanted)
{
    char *path = beside(fixture, name);
    assert_int_equal(access(path, F_OK) == 0, wanted);
    free(path);
}

/* The seqs that are kept, with the notices that the feed itself adds written as '!'. */
static void assert_kept(const struct fixture *fixture, const char *wanted)
{
    struct text got = {0};
    cJSON *events = fixture_events(fixture);
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        bool own = strcmp(cJSON_GetObjectItem(event, "source")->valuestring, "runtime") == 0;
        text_printf(&got, "%s%s%d", got.length ? " " : "", own ? "!" : "",
                    cJSON_GetObjectItem(event, "seq")->valueint);
    }
    assert_string_equal(text_get(&got), wanted);
    text_finish(&got);
    cJSON_Delete(events);
}

static void history_and_seq_go_on(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){.max_events = 4});
    fixture_add(fixture, 1, 6);
    fixture_close(fixture);
    fixture_open(fixture, (struct feed_options){.max_events = 4});
    assert_kept(fixture, "3 4 5 6");
    fixture_add(fixture, 7, 7);
    assert_kept(fixture, "4 5 6 7");
}

static void run_child_and_die(struct fixture *fixture, int events)
{
    uv_loop_fork(&fixture->loop);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, events);
    raise(SIGKILL);
}

static void after_sigkill_every_event_that_was_told_is_there(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 1; round <= 3; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            run_child_and_die(fixture, 37);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    fixture_open(fixture, (struct feed_options){0});
    assert_int_equal(feed_first_seq(fixture->feed), 1);
    assert_int_equal(feed_last_seq(fixture->feed), 3 * 37);
    assert_int_equal(fixture_count_kind(fixture, "sidecar.notice"), 3 * 37);
}

static void a_torn_last_line_costs_itself_alone(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_close(fixture);
    unlink(fixture->snapshot);
    char *line = fixture_journal_line(4, "torn");
    line[30] = '\0';
    fixture_append(fixture->journal, line);
    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "1 2 3 !4");
    assert_exists(fixture, "runtime-events.journal.damaged-1", true);
    fixture_close(fixture);

    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "1 2 3 !4");
    assert_exists(fixture, "runtime-events.journal.damaged-2", false);
    free(line);
}

static void a_last_line_without_its_newline_is_kept(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(folder_make(fixture->folder, true), 0);
    char *one = fixture_journal_line(1, "one");
    char *two = fixture_journal_line(2, "two");
    two[strlen(two) - 1] = '\0';
    char *both = text_format("%s%s", one, two);
    fixture_write(fixture->journal, both);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 3, 3);
    assert_kept(fixture, "1 2 !3 4");
    fixture_close(fixture);
    unlink(fixture->snapshot);
    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "1 2 !3 4");
    free(both);
    free(two);
    free(one);
}

static void bad_lines_in_between_cost_themselves_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(folder_make(fixture->folder, true), 0);
    char *one = fixture_journal_line(7, "one");
    char *two = fixture_journal_line(8, "two");
    char *flipped = fixture_journal_line(9, "flipped");
    flipped[40] ^= 1;
    char *three = fixture_journal_line(10, "three");
    char *all = text_format("%sgarbage\n\n%s%s00000000 {}\n%s", one, two, flipped, three);
    fixture_write(fixture->journal, all);
    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "7 8 10 !11");
    free(all);
    free(three);
    free(flipped);
    free(two);
    free(one);
}

static void a_journal_that_is_not_ours_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(folder_make(fixture->folder, true), 0);
    char *foreign = memory_new(3 * 1024 * 1024, 1);
    memset(foreign, 'x', 3 * 1024 * 1024 - 1);
    fixture_write(fixture->journal, foreign);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    assert_kept(fixture, "!1 2");
    char *aside = beside(fixture, "runtime-events.journal.damaged-1");
    char *kept = fixture_read(aside);
    assert_string_equal(kept, foreign);
    free(kept);
    free(aside);
    free(foreign);
}

static void a_folder_or_fifo_in_the_journals_place_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(folder_make(fixture->journal, true), 0);
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    assert_kept(fixture, "!1 2");
    assert_null(feed_error(fixture->feed));
    fixture_close(fixture);
    unlink(fixture->journal);
    unlink(fixture->snapshot);
    assert_int_equal(mkfifo(fixture->journal, 0600), 0);
    assert_int_equal(mkfifo(fixture->snapshot, 0600), 0);
    fixture_open(fixture, (struct feed_options){0});
    assert_null(feed_error(fixture->feed));
    assert_kept(fixture, "!1 !2");
}

static void a_damaged_snapshot_gives_what_can_be_read(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 5);
    fixture_close(fixture);
    unlink(fixture->journal);
    char *document = fixture_read(fixture->snapshot);
    document[strlen(document) - 50] = '\0';
    fixture_write(fixture->snapshot, document);
    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "1 2 3 4 !5");
    assert_exists(fixture, "runtime-events.json.damaged-1", true);
    cJSON *now = fixture_read_snapshot(fixture);
    assert_int_equal(cJSON_GetArraySize(now), 4);
    cJSON_Delete(now);
    free(document);
}

static void a_damaged_snapshot_costs_nothing_that_the_journal_has(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 5);
    fixture_close(fixture);
    fixture_write(fixture->snapshot, "{\"not\": [\"an array\"");
    fixture_open(fixture, (struct feed_options){0});
    assert_kept(fixture, "1 2 3 4 5 !6");
}

static void events_of_another_program_are_numbered(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(folder_make(fixture->folder, true), 0);
    fixture_write(fixture->snapshot,
                  "[{\"ts_ms\":5,\"level\":\"info\",\"source\":\"web\",\"message\":\"a\"},"
                  "{\"ts_ms\":6,\"level\":\"warn\",\"source\":\"web\",\"message\":\"b\"}]");
    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 1);
    assert_kept(fixture, "1 2 3");
    assert_exists(fixture, "runtime-events.json.damaged-1", false);
}

/* Every way to cut a journal: whatever comes before the cut is kept. */
static void a_journal_may_end_anywhere(void **state)
{
    struct fixture *fixture = *state;
    char *one = fixture_journal_line(1, "one");
    char *two = fixture_journal_line(2, "two");
    char *both = text_format("%s%s", one, two);
    for (size_t cut = 0; cut <= strlen(both); cut++) {
        assert_int_equal(folder_make(fixture->folder, true), 0);
        char *part = memory_copy_bytes(both, cut);
        fixture_write(fixture->journal, part);
        struct cJSON *events;
        struct error error = {0};
        assert_int_equal(
            feed_read_files(fixture->snapshot, 0, &(struct event_query){.limit = 10}, &events, &error), 0);
        int wanted = (cut + 1 >= strlen(one)) + (cut + 1 >= strlen(both));
        assert_int_equal(cJSON_GetArraySize(events), wanted);
        cJSON_Delete(events);
        free(part);
    }
    free(both);
    free(two);
    free(one);
}

static void files_are_read_without_being_changed(void **state)
{
    struct fixture *fixture = *state;
    struct cJSON *events;
    struct error error = {0};
    const struct event_query query = {.limit = 10};
    assert_int_equal(feed_read_files(fixture->snapshot, 0, &query, &events, &error), ERROR_MISSING_PATH);
    assert_null(events);
    error_finish(&error);

    fixture_open(fixture, (struct feed_options){0});
    fixture_add(fixture, 1, 3);
    fixture_close(fixture);
    char *line = fixture_journal_line(4, "later than the snapshot");
    fixture_append(fixture->journal, line);
    fixture_append(fixture->journal, "torn");
    char *before = fixture_read(fixture->journal);
    assert_int_equal(feed_read_files(fixture->snapshot, 0, &query, &events, &error), 0);
    assert_int_equal(cJSON_GetArraySize(events), 4);
    char *after = fixture_read(fixture->journal);
    assert_string_equal(before, after);
    assert_exists(fixture, "runtime-events.journal.damaged-1", false);
    cJSON_Delete(events);
    free(after);
    free(before);
    free(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(history_and_seq_go_on),
        TEST(after_sigkill_every_event_that_was_told_is_there),
        TEST(a_torn_last_line_costs_itself_alone),
        TEST(a_last_line_without_its_newline_is_kept),
        TEST(bad_lines_in_between_cost_themselves_alone),
        TEST(a_journal_that_is_not_ours_is_set_aside),
        TEST(a_folder_or_fifo_in_the_journals_place_is_set_aside),
        TEST(a_damaged_snapshot_gives_what_can_be_read),
        TEST(a_damaged_snapshot_costs_nothing_that_the_journal_has),
        TEST(events_of_another_program_are_numbered),
        TEST(a_journal_may_end_anywhere),
        TEST(files_are_read_without_being_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

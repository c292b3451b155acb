#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "files/file.h"
#include "files/folder.h"
#include "log_fixture.h"

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void wait_for_next_attempt(void)
{
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
}

static char *path_of(const struct fixture *fixture, const char *name)
{
    return text_format("%s/%s", fixture->folder, name);
}

static void files_are_appended_to_across_runs_and_private(void **state)
{
    struct fixture *fixture = *state;
    mode_t before = umask(0);
    fixture_open(fixture, NULL);
    fixture_out(fixture, "one\n");
    fixture_close(fixture);
    umask(before);
    fixture_open(fixture, NULL);
    fixture_out(fixture, "two\n");
    assert_file(fixture, "web.log", "one\ntwo\n");
    struct stat status;
    char *path = path_of(fixture, "web.log");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(fixture->folder, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    free(path);
}

static void a_new_start_begins_on_a_line_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    log_begin_start(fixture->log);
    fixture_out(fixture, "torn");
    log_begin_start(fixture->log);
    fixture_out(fixture, "next\n");
    log_begin_start(fixture->log);
    fixture_out(fixture, "torn too");
    fixture_close(fixture);
    fixture_open(fixture, NULL);
    log_begin_start(fixture->log);
    fixture_out(fixture, "after\n");
    assert_file(fixture, "web.log", "torn\nnext\ntorn too\nafter\n");
}

static void files_are_rotated_by_size_with_whole_lines(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.max_bytes = 10;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "aaaa\nbbbb\n");
    assert_file(fixture, "web.log", "aaaa\nbbbb\n");
    assert_file(fixture, "web.log.1", NULL);
    fixture_out(fixture, "cccc\n");
    assert_file(fixture, "web.log", "cccc\n");
    assert_file(fixture, "web.log.1", "aaaa\nbbbb\n");
    fixture_out(fixture, "dddddddd\n");
    assert_file(fixture, "web.log", "dddddddd\n");
    assert_file(fixture, "web.log.1", "cccc\n");
    assert_file(fixture, "web.log.2", "aaaa\nbbbb\n");
    fixture_out(fixture, "eeee\n");
    assert_file(fixture, "web.log.2", "cccc\n");
    assert_file(fixture, "web.log.3", NULL);
}

static void one_chunk_may_fill_several_files(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.max_bytes = 8;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "1\n2\n3\n4\n5\n6\n7\n8\n9\nsomething longer\n");
    assert_file(fixture, "web.log", "\n");
    assert_file(fixture, "web.log.1", "g longer");
    assert_file(fixture, "web.log.2", "somethin");
    assert_int_equal(log_bytes_lost(fixture->log), 0);
}

static void a_single_file_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    fixture->plan.max_bytes = 8;
    fixture->plan.max_files = 4;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "aaaaaaa\nbbbbbbb\nccccccc\nddddddd\n");
    assert_file(fixture, "web.log.3", "aaaaaaa\n");
    fixture_close(fixture);
    fixture->plan.max_files = 1;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "e\n");
    assert_file(fixture, "web.log", "e\n");
    assert_file(fixture, "web.log.1", NULL);
    assert_file(fixture, "web.log.3", NULL);
}

static void a_full_disk_costs_bytes_that_are_counted(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture, NULL);
    fixture_out(fixture, "before\n");
    limit_files(10);
    fixture_out(fixture, "0123456789\n");
    fixture_out(fixture, "more\n");
    limit_files(RLIM_INFINITY);
    assert_int_equal(fixture->failures, 1);
    assert_int_equal(log_bytes_lost(fixture->log), 8 + 5);
    assert_file(fixture, "web.log", "before\n012");
    assert_tail(fixture, "before|0123456789|more");
    fixture_out(fixture, "too early\n");
    assert_int_equal(log_bytes_lost(fixture->log), 8 + 5 + 10);
    wait_for_next_attempt();
    log_check(fixture->log);
    fixture_out(fixture, "after\n");
    fixture_out(fixture, "all is well\n");
    assert_file(fixture, "web.log", "before\n012\nafter\nall is well\n");
    assert_int_equal(log_bytes_lost(fixture->log), 8 + 5 + 10);
    assert_int_equal(fixture->failures, 1);
    assert_int_equal(fixture->resumptions, 1);
}

static void a_folder_that_cannot_be_made_costs_bytes_too(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(file_replace(fixture->folder, "a file", 6, false), 0);
    fixture_open(fixture, NULL);
    fixture_out(fixture, "lost\n");
    assert_int_equal(log_bytes_lost(fixture->log), 5);
    assert_int_equal(fixture->failures, 1);
    assert_tail(fixture, "lost");
    assert_int_equal(unlink(fixture->folder), 0);
    log_check(fixture->log);
    assert_int_equal(fixture->resumptions, 1);
    fixture_out(fixture, "kept\n");
    assert_file(fixture, "web.log", "kept\n");
}

static void a_fifo_in_the_files_place_holds_nobody_up(void **state)
{
    struct fixture *fixture = *state;
    char *path = path_of(fixture, "web.log");
    assert_int_equal(folder_make(fixture->folder, true), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    fixture_open(fixture, NULL);
    fixture_out(fixture, "lost\n");
    assert_int_equal(log_bytes_lost(fixture->log), 5);
    free(path);
}

static void what_was_taken_away_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    char *path = path_of(fixture, "web.log");
    fixture_open(fixture, NULL);
    fixture_out(fixture, "one\n");
    char *away = text_format("%s-away", fixture->folder);
    assert_int_equal(rename(fixture->folder, away), 0);
    log_check(fixture->log);
    assert_int_equal(access(path, F_OK), 0);
    fixture_out(fixture, "two\n");
    assert_file(fixture, "web.log", "two\n");
    assert_int_equal(unlink(path), 0);
    wait_for_next_attempt();
    fixture_out(fixture, "three\n");
    assert_file(fixture, "web.log", "three\n");
    assert_int_equal(log_bytes_lost(fixture->log), 0);
    assert_int_equal(fixture->failures, 0);
    free(away);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_appended_to_across_runs_and_private),
        TEST(a_new_start_begins_on_a_line_of_its_own),
        TEST(files_are_rotated_by_size_with_whole_lines),
        TEST(one_chunk_may_fill_several_files),
        TEST(a_single_file_begins_anew),
        TEST(a_full_disk_costs_bytes_that_are_counted),
        TEST(a_folder_that_cannot_be_made_costs_bytes_too),
        TEST(a_fifo_in_the_files_place_holds_nobody_up),
        TEST(what_was_taken_away_is_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

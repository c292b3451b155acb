#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "base/text.h"
#include "files/file.h"
#include "files/folder.h"

static char folder[] = "/tmp/sidecard-file-XXXXXX";

static char *in_folder(const char *name)
{
    return text_format("%s/%s", folder, name);
}

static void assert_content(const char *path, const char *wanted)
{
    struct text text = {0};
    assert_int_equal(file_read_whole(path, 1000, &text), 0);
    assert_string_equal(text_get(&text), wanted);
    text_finish(&text);
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (unsigned)status.st_mode & 07777;
}

static void folders_are_made_with_those_above_and_private(void **state)
{
    mode_t before = umask(0777);
    char *path = in_folder("a/b/c");
    assert_int_equal(folder_make(path, true), 0);
    umask(before);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(folder_make(path, false), 0);
    assert_int_equal(mode_of(path), 0755);
    assert_int_equal(folder_make(path, true), 0);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(folder_sync(path), 0);
    free(path);
}

static void a_file_in_a_folders_place_is_refused(void **state)
{
    char *path = in_folder("plain");
    assert_int_equal(file_replace(path, "x", 1, false), 0);
    assert_int_equal(folder_make(path, true), UV_ENOTDIR);
    char *below = in_folder("plain/below");
    assert_int_equal(folder_make(below, true), UV_ENOTDIR);
    free(below);
    free(path);
}

static void appended_files_are_private_whatever_the_umask(void **state)
{
    char *path = in_folder("log");
    int fd;
    int64_t size;
    size_t written;
    mode_t before = umask(0777);
    assert_int_equal(file_open_append(path, &fd, &size), 0);
    umask(before);
    assert_int_equal(size, 0);
    assert_int_equal(file_write_all(fd, "one\n", 4, &written), 0);
    file_close(fd);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(file_open_append(path, &fd, &size), 0);
    assert_int_equal(size, 4);
    assert_int_equal(file_write_all(fd, "two\n", 4, &written), 0);
    assert_content(path, "one\ntwo\n");
    assert_true(file_is_at(fd, path));
    assert_int_equal(file_sync(fd), 0);
    assert_int_equal(file_sync_at(path), 0);
    assert_int_equal(file_truncate(fd, 3), 0);
    assert_content(path, "one");
    assert_int_equal(unlink(path), 0);
    assert_false(file_is_at(fd, path));
    assert_int_equal(file_sync_at(path), UV_ENOENT);
    file_close(fd);
    free(path);
}

static void what_is_not_a_regular_file_is_refused_at_once(void **state)
{
    char *path = in_folder("fifo");
    int fd;
    int64_t size;
    struct text text = {0};
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_open_append(path, &fd, &size), UV_EINVAL);
    assert_int_equal(file_read_whole(path, 10, &text), UV_EINVAL);
    assert_true(file_open_append(folder, &fd, &size) < 0);
    free(path);
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    char *path = in_folder("whole");
    char *aside = in_folder("whole.new");
    assert_int_equal(file_replace(path, "first", 5, true), 0);
    assert_int_equal(symlink("/nowhere/else", aside), 0);
    assert_int_equal(file_replace(path, "second", 6, false), 0);
    assert_content(path, "second");
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(access(aside, F_OK), -1);
    struct text text = {0};
    assert_int_equal(file_read_whole(path, 5, &text), UV_EFBIG);
    free(aside);
    free(path);
}

static void what_is_set_aside_is_kept_three_times(void **state)
{
    char *path = in_folder("bad");
    for (char digit = '1'; digit <= '5'; digit++) {
        char *aside;
        assert_int_equal(file_replace(path, &digit, 1, false), 0);
        assert_int_equal(file_set_aside(path, &aside), 0);
        assert_int_equal(access(path, F_OK), -1);
        char content[] = {digit, '\0'};
        assert_content(aside, content);
        free(aside);
    }
    char *oldest = in_folder("bad.damaged-3");
    assert_content(oldest, "3");
    char *gone = in_folder("bad.damaged-4");
    assert_int_equal(access(gone, F_OK), -1);
    char *aside;
    assert_int_equal(file_set_aside(path, &aside), UV_ENOENT);
    assert_null(aside);
    free(gone);
    free(oldest);
    free(path);
}

static void a_path_names_its_folder(void **state)
{
    static const char *const rows[][2] = {{"/a/b", "/a"}, {"/a", "/"}, {"a", "."}, {"a/b/c", "a/b"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *got = folder_of(rows[i][0]);
        assert_string_equal(got, rows[i][1]);
        free(got);
    }
}

static int make_folder(void **state)
{
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char *command = text_format("rm -rf '%s'", folder);
    int code = system(command);
    free(command);
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_made_with_those_above_and_private),
        cmocka_unit_test(a_file_in_a_folders_place_is_refused),
        cmocka_unit_test(appended_files_are_private_whatever_the_umask),
        cmocka_unit_test(what_is_not_a_regular_file_is_refused_at_once),
        cmocka_unit_test(a_file_is_replaced_as_a_whole),
        cmocka_unit_test(what_is_set_aside_is_kept_three_times),
        cmocka_unit_test(a_path_names_its_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

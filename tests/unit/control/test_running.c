#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "control/running.h"
#include "files/files.h"
#include "platform/process_table.h"

static char folder[] = "/tmp/sidecard-test-XXXXXX";

static int setup(void **state)
{
    if (!mkdtemp(folder))
        return -1;
    return setenv("XDG_RUNTIME_DIR", folder, 1);
}

static int teardown(void **state)
{
    char *command = text_format("rm -rf %s", folder);
    int result = system(command);
    free(command);
    return result;
}

static struct running this_process(void)
{
    struct process_info info;
    assert_true(process_read(getpid(), &info));
    return (struct running){.pid = getpid(),
                            .pid_start = (int64_t)info.start_time,
                            .version = "1.2.3",
                            .socket = "/x/sidecard.sock",
                            .mode = "remote_slim",
                            .data_dir = "/x",
                            .started_at_ms = 1767225600123};
}

static void test_announce_read_withdraw(void **state)
{
    struct running mine = this_process();
    assert_int_equal(running_announce(&mine, folder, NULL), 0);
    char *path = text_format("%s/runtime.json", folder);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char *data;
    size_t length;
    assert_int_equal(files_read_whole(path, 4096, &data, &length, NULL), 0);
    cJSON *object = cJSON_Parse(data);
    const char *const keys[] = {"pid",           "version", "socket",   "http_port", "token_file",
                                "started_at_ms", "mode",    "protocol", "pid_start"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        assert_non_null(cJSON_GetObjectItemCaseSensitive(object, keys[i]));
    cJSON_Delete(object);
    free(data);

    struct running read;
    assert_int_equal(running_read(folder, &read, NULL), 0);
    assert_int_equal(read.pid, getpid());
    assert_string_equal(read.socket, "/x/sidecard.sock");
    assert_string_equal(read.mode, "remote_slim");
    assert_int_equal(read.started_at_ms, 1767225600123);
    running_finish(&read);

    struct running *all;
    assert_int_equal(running_list(&all), 1);
    assert_string_equal(all[0].socket, "/x/sidecard.sock");
    running_finish(&all[0]);
    free(all);

    running_withdraw(folder);
    assert_int_equal(running_read(folder, &read, NULL), ERROR_NOT_RUNNING);
    assert_int_equal(running_list(&all), 0);
    free(all);
    free(path);
}

static void test_another_process_of_that_pid(void **state)
{
    struct running mine = this_process();
    mine.pid_start--;
    assert_int_equal(running_announce(&mine, folder, NULL), 0);
    struct running read;
    struct error error = {0};
    assert_int_equal(running_read(folder, &read, &error), ERROR_NOT_RUNNING);
    assert_non_null(strstr(error.message, "gone"));
    error_finish(&error);
    struct running *all;
    assert_int_equal(running_list(&all), 0);
    free(all);
    char *entries = text_format("ls -A %s/sidecard/running | wc -l | grep -qx 0", folder);
    assert_int_equal(system(entries), 0);
    free(entries);
    running_withdraw(folder);
}

static void test_damaged_files(void **state)
{
    const char *damaged[] = {"", "{", "[]", "1", "{\"pid\":\"x\"}", "{\"pid\":-1,\"socket\":\"/x\"}"};
    char *path = text_format("%s/runtime.json", folder);
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        assert_int_equal(files_write_whole(path, damaged[i], strlen(damaged[i]), NULL), 0);
        struct running read;
        assert_int_equal(running_read(folder, &read, NULL), ERROR_NOT_RUNNING);
    }
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_announce_read_withdraw),
        cmocka_unit_test(test_another_process_of_that_pid),
        cmocka_unit_test(test_damaged_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

#include "log_reader.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "files/file.h"
#include "line_splitter.h"
#include "line_stamp.h"
#include "log_file.h"

#define BLOCK_BYTES (64 * 1024)
#define MOST_FILES  1000

/* Where the last `wanted` lines of a file begin; *found is how many there are from there on. */
static int64_t find_start(int fd, int64_t size, size_t wanted, size_t *found)
{
    char *block = memory_new(BLOCK_BYTES, 1);
    size_t newlines = 0; /* those that end a line before another one */
    int64_t start = 0;
    int64_t position = size;
    bool done = wanted == 0;
    while (position > 0 && !done) {
        size_t length = position < BLOCK_BYTES ? (size_t)position : BLOCK_BYTES;
        size_t got;
        position -= (int64_t)length;
        if (file_read_at(fd, position, block, length, &got) < 0 || got < length)
            break;
        for (size_t i = length; i > 0 && !done; i--) {
            if (block[i - 1] != '\n' || position + (int64_t)i == size)
                continue;
            newlines++;
            done = newlines == wanted;
            start = position + (int64_t)i;
        }
    }
    free(block);
    *found = size > 0 ? newlines + !done : 0;
    if (wanted == 0) {
        *found = 0;
        return size;
    }
    return done ? start : 0;
}

static void add_line(void *context, const struct line *line)
{
    cJSON *lines = context;
    const char *data = line->data;
    size_t length = line->length;
    int64_t ts_ms;
    int stream;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNullToObject(object, "seq");
    if (line_stamp_read(data, length, &ts_ms, &stream)) {
        cJSON_AddNumberToObject(object, "ts_ms", (double)ts_ms);
        cJSON_AddStringToObject(object, "stream", log_stream_name(stream));
        data += LINE_STAMP_BYTES;
        length -= LINE_STAMP_BYTES;
    } else {
        cJSON_AddNullToObject(object, "ts_ms");
        cJSON_AddNullToObject(object, "stream");
    }
    struct text text = {0};
    utf8_append_clean(&text, data, length);
    struct line shown = *line;
    line_part_note(&shown, &text);
    cJSON_AddStringToObject(object, "text", text_get(&text));
    cJSON_AddItemToArray(lines, object);
    text_finish(&text);
}

static void read_lines(int fd, int64_t from, int64_t to, cJSON *lines)
{
    struct line_splitter splitter = {0};
    char *block = memory_new(BLOCK_BYTES, 1);
    while (from < to) {
        size_t length = to - from < BLOCK_BYTES ? (size_t)(to - from) : BLOCK_BYTES;
        size_t got;
        if (file_read_at(fd, from, block, length, &got) < 0 || got == 0)
            break;
        line_splitter_feed(&splitter, block, got, add_line, lines);
        from += (int64_t)got;
    }
    line_splitter_flush(&splitter, add_line, lines);
    line_splitter_finish(&splitter);
    free(block);
}

/* The older files first, as far back as lines are wanted. */
static void read_files(const char *folder, const char *name, int number, size_t wanted, cJSON *lines)
{
    int fd;
    int64_t size;
    char *path = log_file_path(folder, name, number);
    int code = number < MOST_FILES ? file_open_read(path, &fd, &size) : UV_ENOENT;
    free(path);
    if (code < 0)
        return;
    size_t found;
    int64_t start = find_start(fd, size, wanted, &found);
    if (found < wanted)
        read_files(folder, name, number + 1, wanted - found, lines);
    read_lines(fd, start, size, lines);
    file_close(fd);
}

int logs_read_tail(const char *folder, const char *name, int tail, cJSON **result, struct error *error)
{
    *result = NULL;
    int fd;
    int64_t size;
    char *path = log_file_path(folder, name, 0);
    int code = file_open_read(path, &fd, &size);
    if (code == 0)
        file_close(fd);
    else if (code == UV_ENOENT || code == UV_ENOTDIR)
        code = error_set(error, ERROR_MISSING_PATH, "there is no %s", path);
    else
        code = error_set(error, ERROR_SYSTEM, "%s cannot be read: %s", path, uv_strerror(code));
    free(path);
    if (code < 0)
        return code;
    *result = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(*result, "lines");
    read_files(folder, name, 0, tail < 0 ? SIZE_MAX : (size_t)tail, lines);
    cJSON_AddNumberToObject(*result, "dropped", 0);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void logs_list(const char *folder, struct strings *names)
{
    static const char ending[] = ".log";
    uv_fs_t request;
    uv_dirent_t entry;
    if (uv_fs_scandir(NULL, &request, folder, 0, NULL) > 0) {
        while (uv_fs_scandir_next(&request, &entry) == 0) {
            size_t length = strlen(entry.name);
            if (length > strlen(ending) && strcmp(entry.name + length - strlen(ending), ending) == 0)
                strings_take(names, memory_copy_bytes(entry.name, length - strlen(ending)));
        }
    }
    uv_fs_req_cleanup(&request);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_name);
}

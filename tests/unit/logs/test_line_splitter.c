#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "logs/line_splitter.h"

/* Lines as they are given: <data> with n behind it for \n, r for \r\n, - for none. */
static void note(void *context, const struct line *line)
{
    struct text *got = context;
    text_append(got, "<");
    text_append_bytes(got, line->data, line->length);
    text_append(got, line->ending[0] == '\n' ? "n>" : line->ending[0] == '\r' ? "r>" : "->");
}

static void assert_split(const char *const *chunks, const char *wanted)
{
    struct line_splitter splitter = {0};
    struct text got = {0};
    for (; *chunks; chunks++)
        line_splitter_feed(&splitter, *chunks, strlen(*chunks), note, &got);
    line_splitter_flush(&splitter, note, &got);
    line_splitter_flush(&splitter, note, &got);
    assert_string_equal(text_get(&got), wanted);
    text_finish(&got);
    line_splitter_finish(&splitter);
}

static void lines_come_out_however_they_are_cut(void **state)
{
    assert_split((const char *[]){"one\ntwo\n", NULL}, "<onen><twon>");
    assert_split((const char *[]){"on", "e", "\nt", "wo\n\n", "\n", NULL}, "<onen><twon><n><n>");
    assert_split((const char *[]){"one\r\ntwo\r", "\nth\rree\r\n", NULL}, "<oner><twor><th\rreer>");
    assert_split((const char *[]){"one\nlast", NULL}, "<onen><last->");
    assert_split((const char *[]){"last\r", NULL}, "<last\r->");
    assert_split((const char *[]){"", NULL}, "");
}

struct joined {
    struct text text;
    size_t lines;
    size_t longest;
    unsigned long parts;
    unsigned long ends;
};

static void join(void *context, const struct line *line)
{
    struct joined *joined = context;
    struct text noted = {0};
    text_append_bytes(&noted, line->data, line->length);
    line_part_note(line, &noted);
    joined->longest = noted.length > joined->longest ? noted.length : joined->longest;
    joined->lines++;
    joined->parts += line->part > 0;
    joined->ends += line->last;
    if (line->part > 0)
        assert_non_null(strstr(text_get(&noted) + line->length, "of a long line"));
    text_append_bytes(&joined->text, line->data, line->length);
    text_append(&joined->text, line->ending);
    text_finish(&noted);
}

static struct joined split_all(const char *data, size_t length, size_t chunk)
{
    struct line_splitter splitter = {0};
    struct joined joined = {0};
    for (size_t at = 0; at < length; at += chunk)
        line_splitter_feed(&splitter, data + at, length - at < chunk ? length - at : chunk, join, &joined);
    line_splitter_flush(&splitter, join, &joined);
    assert_true(splitter.capacity <= 4 * LINE_MAX_BYTES);
    line_splitter_finish(&splitter);
    return joined;
}

static char *many(const char *piece, size_t bytes)
{
    struct text text = {0};
    while (text.length < bytes)
        text_append(&text, piece);
    text.data[bytes] = '\0';
    return text_take(&text);
}

static void a_line_of_64_kib_is_whole_and_a_longer_one_is_not(void **state)
{
    static const size_t chunks[] = {1, 7, 4096, LINE_MAX_BYTES, 1000000};
    static const char *const endings[] = {"\n", "\r\n", ""};
    for (size_t more = 0; more < 2; more++) {
        char *data = many("x", LINE_MAX_BYTES + more);
        for (size_t i = 0; i < 5; i++) {
            for (size_t e = 0; e < 3; e++) {
                char *line = text_format("%s%s", data, endings[e]);
                struct joined joined = split_all(line, strlen(line), chunks[i]);
                assert_string_equal(text_get(&joined.text), line);
                assert_int_equal(joined.parts, more ? 2 : 0);
                assert_int_equal(joined.ends, 1);
                assert_true(joined.longest <= LINE_MAX_BYTES);
                text_finish(&joined.text);
                free(line);
            }
        }
        free(data);
    }
}

static void a_line_without_end_is_cut_between_characters(void **state)
{
    char *data = many("\xE2\x82\xAC", 3 * 400001);
    for (size_t chunk = 1000; chunk < 300000; chunk *= 3) {
        struct joined joined = split_all(data, strlen(data), chunk);
        assert_string_equal(text_get(&joined.text), data);
        assert_true(joined.parts > 15);
        assert_true(joined.longest <= LINE_MAX_BYTES);
        text_finish(&joined.text);
    }
    struct line_splitter splitter = {0};
    struct joined joined = {0};
    line_splitter_feed(&splitter, data, strlen(data), join, &joined);
    assert_int_equal(joined.text.length % 3, 0);
    line_splitter_finish(&splitter);
    text_finish(&joined.text);
    free(data);
}

static void the_next_line_is_whole_again(void **state)
{
    char *data = many("y", 100000);
    char *lines = text_format("%s\nshort\n", data);
    struct joined joined = split_all(lines, strlen(lines), 5000);
    assert_int_equal(joined.lines, 3);
    assert_int_equal(joined.parts, 2);
    assert_string_equal(text_get(&joined.text), lines);
    text_finish(&joined.text);
    free(lines);
    free(data);
}

static size_t one_byte(void *context, const char *data, size_t length, size_t wanted)
{
    assert_true(wanted + 1000 <= length);
    return 1;
}

static void a_cutter_is_obeyed_and_sees_what_follows(void **state)
{
    struct line_splitter splitter = {.cutter = one_byte, .holdback = 1000};
    struct joined joined = {0};
    char *data = many("abc", LINE_MAX_BYTES + 1500);
    line_splitter_feed(&splitter, data, strlen(data), join, &joined);
    assert_true(joined.parts > 400);
    assert_int_equal(joined.text.length, joined.parts);
    assert_int_equal(joined.text.length + splitter.length, strlen(data));
    assert_memory_equal(text_get(&joined.text), data, joined.text.length);
    assert_memory_equal(splitter.partial, data + joined.text.length, splitter.length);
    line_splitter_finish(&splitter);
    text_finish(&joined.text);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_however_they_are_cut),
        cmocka_unit_test(a_line_of_64_kib_is_whole_and_a_longer_one_is_not),
        cmocka_unit_test(a_line_without_end_is_cut_between_characters),
        cmocka_unit_test(the_next_line_is_whole_again),
        cmocka_unit_test(a_cutter_is_obeyed_and_sees_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

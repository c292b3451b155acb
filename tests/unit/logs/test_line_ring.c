#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "logs/line_ring.h"

static void add(struct line_ring *ring, int64_t seq, const char *line)
{
    line_ring_add(ring, seq, seq * 10, 1, line, strlen(line));
}

static void assert_lines(const struct line_ring *ring, const char *wanted)
{
    struct text got = {0};
    for (size_t i = 0; i < ring->count; i++) {
        const struct line_record *record = line_ring_at(ring, i);
        text_printf(&got, "%s%d:", i ? " " : "", (int)record->seq);
        line_ring_read(ring, record, &got);
        assert_int_equal(record->ts_ms, record->seq * 10);
    }
    assert_string_equal(text_get(&got), wanted);
    text_finish(&got);
}

static void the_newest_lines_are_kept(void **state)
{
    struct line_ring ring;
    line_ring_init(&ring, 3, 1000);
    assert_lines(&ring, "");
    for (int64_t seq = 1; seq <= 7; seq++)
        add(&ring, seq, seq % 2 ? "odd" : "");
    assert_lines(&ring, "5:odd 6: 7:odd");
    line_ring_clear(&ring);
    assert_lines(&ring, "");
    add(&ring, 8, "again");
    assert_lines(&ring, "8:again");
    line_ring_finish(&ring);
}

static void as_many_bytes_as_allowed_are_kept(void **state)
{
    struct line_ring ring;
    line_ring_init(&ring, 100, 10);
    add(&ring, 1, "aaa");
    add(&ring, 2, "bbbb");
    add(&ring, 3, "ccc");
    assert_lines(&ring, "1:aaa 2:bbbb 3:ccc");
    add(&ring, 4, "d");
    assert_lines(&ring, "2:bbbb 3:ccc 4:d");
    add(&ring, 5, "eeeee");
    assert_lines(&ring, "3:ccc 4:d 5:eeeee");
    add(&ring, 6, "0123456789");
    assert_lines(&ring, "6:0123456789");
    add(&ring, 7, "too long: its end");
    assert_lines(&ring, "7:g: its end");
    line_ring_finish(&ring);
}

static void random_line(char *line, unsigned *random)
{
    *random = *random * 1103515245 + 12345;
    size_t length = (*random >> 16) % 97;
    for (size_t i = 0; i < length; i++)
        line[i] = (char)('a' + (length + i) % 26);
    line[length] = '\0';
}

/* Against the plainest ring that could be: all lines ever, of which the newest that fit are kept. */
static void whatever_comes_the_newest_that_fit_are_kept(void **state)
{
    enum { LINES = 5000, MOST = 40, BYTES = 1500 };
    static char lines[LINES][100];
    unsigned random = 7;
    struct line_ring ring;
    line_ring_init(&ring, MOST, BYTES);
    for (int64_t seq = 0; seq < LINES; seq++) {
        random_line(lines[seq], &random);
        add(&ring, seq, lines[seq]);
        size_t bytes = 0;
        size_t count = 0;
        while (count <= (size_t)seq && count < MOST && bytes + strlen(lines[(size_t)seq - count]) <= BYTES)
            bytes += strlen(lines[(size_t)seq - count++]);
        assert_int_equal(ring.count, count);
        for (size_t i = 0; i < count; i++) {
            struct text text = {0};
            line_ring_read(&ring, line_ring_at(&ring, i), &text);
            assert_string_equal(text_get(&text), lines[(size_t)seq + 1 - count + i]);
            text_finish(&text);
        }
    }
    line_ring_finish(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_lines_are_kept),
        cmocka_unit_test(as_many_bytes_as_allowed_are_kept),
        cmocka_unit_test(whatever_comes_the_newest_that_fit_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

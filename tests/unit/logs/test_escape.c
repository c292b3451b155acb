#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "logs/escape.h"

static void escape_sequences_are_removed(void **state)
{
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"\x1b[31mred\x1b[0m", "red"},
        {"\x1b[1;38;2;10;20;30mready\x1b[m on \x1b[4m3000\x1b[24m", "ready on 3000"},
        {"\x1b[?25l\x1b[2K\x1b[1Gdone", "done"},
        {"\x1b]0;title\x07shown", "shown"},
        {"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
        {"\x1b(Bascii\x1b=\x1b>", "ascii"},
        {"\x1bP1$r\x1b\\after", "after"},
        {"\x1b]0;without end", "0;without end"},
        {"cut \x1b[3", "cut "},
        {"cut \x1b", "cut "},
        {"\x1b[31\xE2\x82\xAC", "\xE2\x82\xAC"},
        {"\x1b\x1b[1mtwice", "twice"},
        {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text text = {0};
        escape_remove(rows[i][0], strlen(rows[i][0]), &text);
        assert_string_equal(text_get(&text), rows[i][1]);
        text_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(escape_sequences_are_removed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

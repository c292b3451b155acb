#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "logs/literals.h"
#include "logs/redactor.h"
#include "logs/secrets.h"

static struct redactor *make(const char *const *secrets, const char *const *patterns)
{
    struct strings secret_list = {0};
    struct strings pattern_list = {0};
    struct error error = {0};
    struct redactor *redactor = NULL;
    for (; *secrets; secrets++)
        strings_add(&secret_list, *secrets);
    for (; *patterns; patterns++)
        strings_add(&pattern_list, *patterns);
    const struct redactor_options options = {
        .secrets = &secret_list, .patterns = &pattern_list, .url_passwords = true};
    assert_int_equal(redactor_create(&options, &redactor, &error), 0);
    strings_finish(&secret_list);
    strings_finish(&pattern_list);
    return redactor;
}

static void assert_redacted(struct redactor *redactor, const char *line, const char *wanted)
{
    char *got = redactor_text(redactor, line);
    if (wanted)
        assert_string_equal(got, wanted);
    else
        assert_null(got);
    free(got);
}

static void secrets_passwords_and_patterns_are_replaced(void **state)
{
    struct redactor *redactor = make((const char *[]){"s3cr3t-value-0001", "other-secret", "abc", NULL},
                                     (const char *[]){"sk-[A-Za-z0-9]+", "(?i)pin: *\\d+", NULL});
    assert_redacted(redactor, "", NULL);
    assert_redacted(redactor, "nothing to hide in abc: http://host:80/a@b", NULL);
    assert_redacted(redactor, "s3cr3t-value-0001", "[redacted]");
    assert_redacted(redactor, "a s3cr3t-value-0001s3cr3t-value-0001 b other-secret",
                    "a [redacted][redacted] b [redacted]");
    assert_redacted(redactor, "s3cr3t-value-000", NULL);
    assert_redacted(redactor, "mongodb://me:pa:ss@w@host:1/db", "mongodb://me:[redacted]@host:1/db");
    assert_redacted(redactor, "a://u:p@h b://v:q@i", "a://u:[redacted]@h b://v:[redacted]@i");
    assert_redacted(redactor, "http://u:@h http://:p@h", "http://u:@h http://:[redacted]@h");
    assert_redacted(redactor, "key sk-AbC123, PIN: 4711", "key [redacted], [redacted]");
    assert_redacted(redactor, "\xFF sk-1 \xFE", "\xFF [redacted] \xFE");
    redactor_destroy(redactor);
}

static void a_secret_with_several_lines_is_replaced_line_by_line(void **state)
{
    struct redactor *redactor =
        make((const char *[]){"-----BEGIN\r\nMIIBVwIBADANBgkq\nhkiG9w0B\n", NULL}, (const char *[]){NULL});
    assert_redacted(redactor, "MIIBVwIBADANBgkq", "[redacted]");
    assert_redacted(redactor, "got hkiG9w0B!", "got [redacted]!");
    redactor_destroy(redactor);
}

static void a_pattern_that_takes_too_long_costs_the_line(void **state)
{
    struct redactor *redactor = make((const char *[]){NULL}, (const char *[]){"(a+)+$", NULL});
    struct text line = {0};
    for (int i = 0; i < 1000; i++)
        text_append(&line, "a");
    text_append(&line, "!");
    assert_redacted(redactor, text_get(&line), "[redacted]");
    assert_redacted(redactor, "baaa", "b[redacted]");
    text_finish(&line);
    redactor_destroy(redactor);
}

static void a_bad_pattern_is_named(void **state)
{
    struct strings patterns = {0};
    struct error error = {0};
    struct redactor *redactor = NULL;
    strings_add(&patterns, "fine");
    strings_add(&patterns, "a(b");
    const struct redactor_options options = {.patterns = &patterns};
    assert_int_equal(redactor_create(&options, &redactor, &error), ERROR_INVALID);
    assert_non_null(strstr(error.message, "\"a(b\""));
    assert_null(redactor);
    error_finish(&error);
    strings_finish(&patterns);
}

static void a_cut_is_never_inside_of_what_is_replaced(void **state)
{
    struct redactor *redactor =
        make((const char *[]){"0123456789", "789abcdef", NULL}, (const char *[]){"x+", NULL});
    static const struct {
        const char *data;
        size_t wanted, cut;
    } rows[] = {
        {"....0123456789....", 9, 4}, {"....0123456789....", 4, 4}, {"....0123456789....", 14, 14},
        {"....0123456789....", 2, 2}, {"..xxxx..", 4, 2},           {"0123456789", 5, 5},
        {"a://u:pppppp@h", 9, 6},     {"..xxxx0123456789", 10, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(redactor_cut(redactor, rows[i].data, strlen(rows[i].data), rows[i].wanted),
                         rows[i].cut);
    assert_true(redactor_holdback(redactor) >= 10);
    redactor_destroy(redactor);
}

/* Against strstr, on random texts of a small alphabet. */
static void literals_are_found_wherever_they_are(void **state)
{
    unsigned random = 3;
    for (int round = 0; round < 3000; round++) {
        struct strings texts = {0};
        char data[200];
        for (size_t i = 0; i < sizeof data - 1; i++) {
            random = random * 1103515245 + 12345;
            data[i] = (char)('a' + (random >> 16) % 3);
        }
        data[sizeof data - 1] = '\0';
        for (int i = 0; i < 3; i++) {
            char text[12] = {0};
            random = random * 1103515245 + 12345;
            memcpy(text, data + (random >> 16) % 150, 4 + (size_t)i);
            text[2] = (char)('a' + (random >> 8) % 3);
            strings_add(&texts, text);
        }
        struct literals literals;
        literals_init(&literals, &texts);
        size_t from = (random >> 20) % 100;
        const char *first = NULL;
        for (size_t i = 0; i < texts.count; i++) {
            const char *at = strstr(data + from, texts.items[i]);
            if (at && (!first || at < first))
                first = at;
        }
        size_t start = 0;
        size_t end = 0;
        bool found = literals_find(&literals, data, strlen(data), from, &start, &end);
        assert_int_equal(found, first != NULL);
        if (found)
            assert_ptr_equal(data + start, first);
        literals_finish(&literals);
        strings_finish(&texts);
    }
}

static void secret_variables_are_known_by_their_names(void **state)
{
    struct strings environment = {0};
    struct strings secrets = {0};
    strings_add(&environment, "OPENAI_API_KEY=sixteen-chars-ok");
    strings_add(&environment, "SHORT_TOKEN=fifteen-chars-o");
    strings_add(&environment, "MY_PASSWORD=with=an=equals=sign");
    strings_add(&environment, "KEYBOARD=not-a-secret-at-all-but-long");
    strings_add(&environment, "A_SECRET=sixteen-chars-ok");
    secrets_of_environment(&environment, &secrets);
    assert_int_equal(secrets.count, 2);
    assert_string_equal(secrets.items[0], "sixteen-chars-ok");
    assert_string_equal(secrets.items[1], "with=an=equals=sign");
    strings_finish(&secrets);
    strings_finish(&environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_passwords_and_patterns_are_replaced),
        cmocka_unit_test(a_secret_with_several_lines_is_replaced_line_by_line),
        cmocka_unit_test(a_pattern_that_takes_too_long_costs_the_line),
        cmocka_unit_test(a_bad_pattern_is_named),
        cmocka_unit_test(a_cut_is_never_inside_of_what_is_replaced),
        cmocka_unit_test(literals_are_found_wherever_they_are),
        cmocka_unit_test(secret_variables_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "log_fixture.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/file.h"

int fixture_set_up(void **state)
{
    struct fixture *fixture = memory_new(1, sizeof *fixture);
    fixture->home = memory_copy_text("/tmp/sidecard-log-XXXXXX");
    if (!mkdtemp(fixture->home))
        return -1;
    fixture->folder = text_format("%s/logs", fixture->home);
    fixture->plan =
        (struct log_plan){.file = true, .max_bytes = 1 << 20, .max_files = 3, .buffer_lines = 500};
    *state = fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    char *command = text_format("rm -rf '%s'", fixture->home);
    int code = system(command);
    free(command);
    free(fixture->home);
    free(fixture->folder);
    free(fixture);
    return code;
}

static void on_file_changed(void *context, const char *name, const char *text)
{
    struct fixture *fixture = context;
    assert_string_equal(name, "web");
    fixture->failures += text != NULL;
    fixture->resumptions += text == NULL;
}

void fixture_open(struct fixture *fixture, struct redactor *redactor)
{
    const struct log_options options = {
        .name = "web",
        .folder = fixture->folder,
        .plan = &fixture->plan,
        .first_seq = FIXTURE_FIRST_SEQ,
        .redactor = redactor,
        .file_changed = on_file_changed,
        .context = fixture,
    };
    fixture->log = log_create(&options);
}

void fixture_close(struct fixture *fixture)
{
    log_destroy(fixture->log);
    fixture->log = NULL;
}

void fixture_out(struct fixture *fixture, const char *text)
{
    log_write(fixture->log, LOG_STDOUT, text, strlen(text), FIXTURE_NOW_MS);
}

void fixture_err(struct fixture *fixture, const char *text)
{
    log_write(fixture->log, LOG_STDERR, text, strlen(text), FIXTURE_NOW_MS);
}

char *fixture_read(const struct fixture *fixture, const char *name)
{
    struct text text = {0};
    char *path = text_format("%s/%s", fixture->folder, name);
    int code = file_read_whole(path, 1 << 30, &text);
    free(path);
    return code == 0 ? text_take(&text) : NULL;
}

void assert_file(const struct fixture *fixture, const char *name, const char *wanted)
{
    char *got = fixture_read(fixture, name);
    if (wanted)
        assert_non_null(got);
    else
        assert_null(got);
    if (wanted)
        assert_string_equal(got, wanted);
    free(got);
}

char *fixture_texts(cJSON *tail)
{
    struct text texts = {0};
    const cJSON *line;
    cJSON_ArrayForEach(line, cJSON_GetObjectItem(tail, "lines"))
    {
        if (line->prev->next)
            text_append(&texts, "|"); /* cJSON: the first one's prev is the last one */
        text_append(&texts, cJSON_GetObjectItem(line, "text")->valuestring);
    }
    cJSON_Delete(tail);
    return text_take(&texts);
}

void assert_tail(const struct fixture *fixture, const char *wanted)
{
    char *got = fixture_texts(log_tail(fixture->log, &(struct log_query){.tail = LOG_ALL_LINES}));
    assert_string_equal(got, wanted);
    free(got);
}

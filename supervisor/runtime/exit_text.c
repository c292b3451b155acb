#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/signals.h"
#include "base/text.h"
#include "runtime_internal.h"

/* mongod's exit codes: MongoDB manual, 'Exit codes and statuses'; SIGILL: its 5.0 release notes (AVX). */
static const struct {
    enum role role;
    int code;
    int signal;
    enum error_code error;
    const char *words;
    const char *remedy;
} known_ends[] = {
    {ROLE_MONGO, 48, 0, ERROR_PORT_TAKEN, "its address is in use",
     "free the port, or give mongo another one in local_ports"},
    {ROLE_MONGO, 62, 0, ERROR_EXITED, "its data files are of another version",
     "start it with the version that wrote them"},
    {ROLE_MONGO, 100, 0, ERROR_EXITED, "its data folder or storage failed",
     "see that the dbpath is there, is its own and has room"},
    {ROLE_MONGO, 14, 0, ERROR_EXITED, "its data folder or storage failed",
     "see that the dbpath is there, is its own and has room"},
    {ROLE_MONGO, -1, SIGILL, ERROR_EXITED, "this CPU lacks AVX, which MongoDB 5 and later need",
     "use MongoDB 4.4, or ferretdb"},
};

/* So much of stderr stands in the one line that says why. */
#define LINE_BYTES 400

char *exit_stderr_text(const struct sidecar *sidecar)
{
    return strings_join(&sidecar->exit_stderr, "\n");
}

/* The last lines that fit, joined into one; the last one in any case. */
static char *last_words(const struct strings *lines)
{
    struct text words = {0};
    size_t first = lines->count;
    size_t length = 0;
    while (first > 0 && (first == lines->count || length + strlen(lines->items[first - 1]) < LINE_BYTES))
        length += strlen(lines->items[--first]);
    for (size_t i = first; i < lines->count; i++) {
        if (lines->items[i][0] == '\0')
            continue;
        text_printf(&words, "%s%s", words.length ? " | " : "", lines->items[i]);
    }
    return text_take(&words);
}

void exit_error(const struct sidecar *sidecar, int code, int signal, struct error *error)
{
    const char *name = sidecar->plan->name;
    enum error_code kind = ERROR_EXITED;
    const char *meaning = NULL;
    const char *remedy = NULL;
    for (size_t i = 0; i < sizeof(known_ends) / sizeof(known_ends[0]); i++) {
        if (known_ends[i].role == sidecar->plan->role && known_ends[i].code == code &&
            known_ends[i].signal == signal) {
            kind = known_ends[i].error;
            meaning = known_ends[i].words;
            remedy = known_ends[i].remedy;
        }
    }
    char *end = signal ? text_format("was ended by %s", signal_name(signal))
                       : text_format("exited with code %d", code);
    char *words = last_words(&sidecar->exit_stderr);
    error_set(error, kind, "%s %s%s%s%s%s%s", name, end, meaning ? " (" : "", meaning ? meaning : "",
              meaning ? ")" : "", *words ? ": " : "", words);
    if (remedy)
        error_remedy(error, "%s", remedy);
    else
        error_remedy(error, "see 'sidecard logs %s'", name);
    free(end);
    free(words);
}

#include "mongo_ping.h"

#include <mongoc/mongoc.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"

/* What a server says that is too old to know `hello` (before 4.4.2). */
#define COMMAND_NOT_FOUND 59

static void say_nothing(mongoc_log_level_t level, const char *domain, const char *message, void *context)
{
}

static void initialise_driver(void)
{
    /* Before mongoc_init, which logs itself. Never undone: a thread may still be in the driver at the end. */
    mongoc_log_set_handler(say_nothing, NULL);
    mongoc_init();
}

static mongoc_client_t *open_client(const struct mongo_question *question, char **reason)
{
    bson_error_t error;
    mongoc_uri_t *uri = mongoc_uri_new_with_error(question->uri, &error);
    if (!uri) {
        *reason = text_format("the URI is not valid: %s", error.message);
        return NULL;
    }
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, question->timeout_ms);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, question->timeout_ms);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, question->timeout_ms);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true);
    const mongoc_host_list_t *hosts = mongoc_uri_get_hosts(uri);
    if (hosts && !hosts->next)
        mongoc_uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, true);
    mongoc_client_t *client = mongoc_client_new_from_uri_with_error(uri, &error);
    mongoc_uri_destroy(uri);
    if (!client)
        *reason = text_format("%s", error.message);
    else
        mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
    return client;
}

static bool ask(mongoc_client_t *client, const char *command_name, bson_t *reply, bson_error_t *error)
{
    bson_t command;
    bson_init(&command);
    BSON_APPEND_INT32(&command, command_name, 1);
    bool good = mongoc_client_command_simple(client, "admin", &command, NULL, reply, error);
    bson_destroy(&command);
    return good;
}

/* "127.0.0.1:27017" of "... calling hello on '127.0.0.1:27017']"; owned by the caller. */
static char *server_of(const char *message)
{
    const char *start = strchr(message, '\'');
    const char *end = start ? strchr(start + 1, '\'') : NULL;
    return end ? memory_copy_bytes(start + 1, (size_t)(end - start - 1)) : memory_copy_text("the server");
}

/* The driver's text, as "No suitable servers found (`serverSelectionTryOnce` set): [connection refused calling hello on
 * '127.0.0.1:27017']", in plain words; owned by the caller. */
static char *plain_words(const char *message, int32_t timeout_ms)
{
    const char *start = strchr(message, '[');
    const char *end = start ? strrchr(start, ']') : NULL;
    char *told = end ? memory_copy_bytes(start + 1, (size_t)(end - start - 1)) : memory_copy_text(message);
    char *server = server_of(told);
    char *time = duration_text(timeout_ms);
    char *words;
    if (strstr(told, "connection refused"))
        words = text_format("connection refused on %s", server);
    else if (strstr(told, "timeout"))
        words = text_format("no answer from %s in %s", server, time);
    else if (strstr(told, "connection closed") || strstr(told, "closed connection"))
        words = text_format("%s closed the connection without an answer", server);
    else
        words = text_format("%s", told);
    free(time);
    free(server);
    free(told);
    return words;
}

static bool answers_ping(mongoc_client_t *client, const struct mongo_question *question, char **reason)
{
    bson_t reply;
    bson_error_t error;
    bool good = ask(client, "ping", &reply, &error);
    bson_destroy(&reply);
    if (!good)
        *reason = plain_words(error.message, question->timeout_ms);
    return good;
}

static bool is_true(const bson_t *reply, const char *key)
{
    bson_iter_t at;
    return bson_iter_init_find(&at, reply, key) && bson_iter_as_bool(&at);
}

static bool takes_writes(mongoc_client_t *client, const struct mongo_question *question, char **reason)
{
    bson_t reply;
    bson_error_t error;
    bool good = ask(client, "hello", &reply, &error);
    if (!good && error.code == COMMAND_NOT_FOUND) {
        bson_destroy(&reply);
        good = ask(client, "isMaster", &reply, &error);
    }
    bool writable = good && (is_true(&reply, "isWritablePrimary") || is_true(&reply, "ismaster"));
    bson_destroy(&reply);
    if (!good)
        *reason = plain_words(error.message, question->timeout_ms);
    else if (!writable)
        *reason = memory_copy_text("answers, but does not take writes: it is not the primary");
    return writable;
}

bool mongo_ping(const struct mongo_question *question, char **reason)
{
    static uv_once_t once = UV_ONCE_INIT;
    uv_once(&once, initialise_driver);
    /* A fresh one each time: after a failure a client keeps away from its server for 5 s. */
    mongoc_client_t *client = open_client(question, reason);
    if (!client)
        return false;
    bool good = answers_ping(client, question, reason);
    if (good && question->primary && !atomic_load(question->called_off))
        good = takes_writes(client, question, reason);
    mongoc_client_destroy(client);
    return good;
}

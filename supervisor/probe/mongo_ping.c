#include "mongo_ping.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"
#include "mongo_library.h"

/* What a server says that is too old to know `hello` (before 4.4.2). */
#define COMMAND_NOT_FOUND 59

static mongoc_client_t *open_client(const struct mongo_library *driver, const struct mongo_question *question,
                                    char **reason)
{
    bson_error_t error;
    mongoc_uri_t *uri = driver->uri_new(question->uri, &error);
    if (!uri) {
        *reason = text_format("the URI is not valid: %s", error.message);
        return NULL;
    }
    driver->uri_set_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, question->timeout_ms);
    driver->uri_set_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, question->timeout_ms);
    driver->uri_set_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, question->timeout_ms);
    driver->uri_set_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true);
    const mongoc_host_list_t *hosts = driver->uri_get_hosts(uri);
    if (hosts && !hosts->next)
        driver->uri_set_bool(uri, MONGOC_URI_DIRECTCONNECTION, true);
    mongoc_client_t *client = driver->client_new(uri, &error);
    driver->uri_destroy(uri);
    if (!client)
        *reason = text_format("%s", error.message);
    else
        driver->client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
    return client;
}

static bool ask(const struct mongo_library *driver, mongoc_client_t *client, const char *command_name,
                bson_t *reply, bson_error_t *error)
{
    bson_t command;
    driver->document_init(&command);
    driver->append_int32(&command, command_name, -1, 1);
    bool good = driver->client_command(client, "admin", &command, NULL, reply, error);
    driver->document_destroy(&command);
    return good;
}

/* "127.0.0.1:27017" of "... calling hello on '127.0.0.1:27017']"; owned by the caller. */
static char *server_of(const char *message)
{
    const char *start = strchr(message, '\'');
    const char *end = start ? strchr(start + 1, '\'') : NULL;
    return end ? memory_copy_bytes(start + 1, (size_t)(end - start - 1)) : memory_copy_text("the server");
}

/* The driver's text, as "No suitable servers found (`serverSelectionTryOnce` set): [connection refused
 * calling hello on '127.0.0.1:27017']", in plain words; owned by the caller. */
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

static bool answers_ping(const struct mongo_library *driver, mongoc_client_t *client,
                         const struct mongo_question *question, char **reason)
{
    bson_t reply;
    bson_error_t error;
    bool good = ask(driver, client, "ping", &reply, &error);
    driver->document_destroy(&reply);
    if (!good)
        *reason = plain_words(error.message, question->timeout_ms);
    return good;
}

static bool is_true(const struct mongo_library *driver, const bson_t *reply, const char *key)
{
    bson_iter_t at;
    return driver->find(&at, reply, key) && driver->as_bool(&at);
}

static bool takes_writes(const struct mongo_library *driver, mongoc_client_t *client,
                         const struct mongo_question *question, char **reason)
{
    bson_t reply;
    bson_error_t error;
    bool good = ask(driver, client, "hello", &reply, &error);
    if (!good && error.code == COMMAND_NOT_FOUND) {
        driver->document_destroy(&reply);
        good = ask(driver, client, "isMaster", &reply, &error);
    }
    bool writable =
        good && (is_true(driver, &reply, "isWritablePrimary") || is_true(driver, &reply, "ismaster"));
    driver->document_destroy(&reply);
    if (!good)
        *reason = plain_words(error.message, question->timeout_ms);
    else if (!writable)
        *reason = memory_copy_text("answers, but does not take writes: it is not the primary");
    return writable;
}

bool mongo_ping(const struct mongo_question *question, char **reason)
{
    const struct mongo_library *driver = mongo_library_get();
    if (!driver) {
        *reason = memory_copy_text("the MongoDB driver (" SIDECARD_LIBMONGOC_FILE ") is not there");
        return false;
    }
    /* A fresh one each time: after a failure a client keeps away from its server for 5 s. */
    mongoc_client_t *client = open_client(driver, question, reason);
    if (!client)
        return false;
    bool good = answers_ping(driver, client, question, reason);
    if (good && question->primary && !atomic_load(question->called_off))
        good = takes_writes(driver, client, question, reason);
    /* Without the good-bye that ends its session: FerretDB does not know that command and writes a page about it into
     * its log, each time. A server forgets a session by itself. */
    driver->client_reset(client);
    driver->client_destroy(client);
    return good;
}

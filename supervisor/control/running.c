#include "running.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "json_print.h"
#include "files/files.h"
#include "platform/process_table.h"

#define FILE_MAX ((size_t)64 * 1024)

void running_finish(struct running *running)
{
    free(running->version);
    free(running->socket);
    free(running->mode);
    free(running->data_dir);
    *running = (struct running){0};
}

static cJSON *to_json(const struct running *running)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "pid", (double)running->pid);
    cJSON_AddNumberToObject(object, "pid_start", (double)running->pid_start);
    cJSON_AddStringToObject(object, "version", running->version);
    cJSON_AddStringToObject(object, "socket", running->socket);
    cJSON_AddNullToObject(object, "http_port");
    cJSON_AddNullToObject(object, "token_file");
    cJSON_AddNumberToObject(object, "started_at_ms", (double)running->started_at_ms);
    cJSON_AddStringToObject(object, "mode", running->mode);
    cJSON_AddNumberToObject(object, "protocol", RUNNING_PROTOCOL);
    cJSON_AddStringToObject(object, "data_dir", running->data_dir);
    return object;
}

static int write_json(const char *path, const cJSON *value, struct error *error)
{
    struct text text = {0};
    json_print(&text, value);
    text_append(&text, "\n");
    int result = files_write_whole(path, text.data, text.length, error);
    text_finish(&text);
    return result;
}

/* NULL where there is no such file, or it holds something else. */
static cJSON *read_json(const char *path)
{
    char *data;
    size_t length;
    if (files_read_whole(path, FILE_MAX, &data, &length, NULL) != 0)
        return NULL;
    cJSON *value = cJSON_ParseWithLength(data, length);
    free(data);
    return value;
}

/* The entry of this folder among those that run; NULL where this user has no place for it. */
static char *entry_path(const char *folder)
{
    struct address_world world = address_this_world();
    char *running_folder = address_running_folder(&world);
    if (!running_folder)
        return NULL;
    char *hash = address_hash(folder);
    char *path = text_format("%s/%s.json", running_folder, hash);
    free(hash);
    free(running_folder);
    return path;
}

static void write_entry(const char *folder)
{
    char *path = entry_path(folder);
    if (!path)
        return;
    char *above = path_folder(path);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "runtime_folder", folder);
    if (files_make_folders(above, NULL) == 0)
        write_json(path, entry, NULL);
    cJSON_Delete(entry);
    free(above);
    free(path);
}

int running_announce(const struct running *running, const char *folder, struct error *error)
{
    char *path = address_runtime_file(folder);
    cJSON *object = to_json(running);
    int result = write_json(path, object, error);
    cJSON_Delete(object);
    free(path);
    if (result == 0)
        write_entry(folder);
    return result;
}

bool running_is_announced(const char *folder)
{
    char *path = address_runtime_file(folder);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

void running_withdraw(const char *folder)
{
    char *path = address_runtime_file(folder);
    char *entry = entry_path(folder);
    unlink(path);
    if (entry)
        unlink(entry);
    free(path);
    free(entry);
}

static char *copy_member(const cJSON *object, const char *name)
{
    return memory_copy_text(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)));
}

static double number_member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void from_json(const cJSON *object, struct running *running)
{
    *running = (struct running){.pid = (pid_t)number_member(object, "pid"),
                                .pid_start = (int64_t)number_member(object, "pid_start"),
                                .version = copy_member(object, "version"),
                                .socket = copy_member(object, "socket"),
                                .mode = copy_member(object, "mode"),
                                .data_dir = copy_member(object, "data_dir"),
                                .started_at_ms = (int64_t)number_member(object, "started_at_ms")};
}

static bool is_alive(const struct running *running)
{
    struct process_info info;
    return running->pid > 0 && running->socket && process_read(running->pid, &info) && info.state != 'Z' &&
           (int64_t)info.start_time == running->pid_start;
}

int running_read(const char *folder, struct running *running, struct error *error)
{
    *running = (struct running){0};
    char *path = address_runtime_file(folder);
    cJSON *object = read_json(path);
    bool found = object != NULL;
    if (found)
        from_json(object, running);
    cJSON_Delete(object);
    int result = 0;
    if (!found)
        result = error_set(error, ERROR_NOT_RUNNING, "no supervisor is running: there is no %s", path);
    else if (!is_alive(running))
        result =
            error_set(error, ERROR_NOT_RUNNING, "no supervisor is running: %s is of one that is gone", path);
    if (result != 0)
        running_finish(running);
    free(path);
    return result;
}

/* Adds the supervisor that an entry points to, or removes the entry. */
static void read_entry(const char *path, struct running **all, size_t *count, size_t *capacity)
{
    cJSON *entry = read_json(path);
    const char *folder = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "runtime_folder"));
    struct running running;
    if (folder && running_read(folder, &running, NULL) == 0) {
        *all = memory_grow(*all, *count, capacity, sizeof(**all));
        (*all)[(*count)++] = running;
    } else {
        unlink(path);
    }
    cJSON_Delete(entry);
}

size_t running_list(struct running **all)
{
    *all = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct address_world world = address_this_world();
    char *folder = address_running_folder(&world);
    DIR *entries = folder ? opendir(folder) : NULL;
    struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
            continue;
        char *path = text_format("%s/%s", folder, entry->d_name);
        read_entry(path, all, &count, &capacity);
        free(path);
    }
    if (entries)
        closedir(entries);
    free(folder);
    return count;
}

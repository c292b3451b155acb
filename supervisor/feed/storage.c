#include "storage.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strings.h"
#include "base/text.h"
#include "deferred.h"
#include "files/file.h"
#include "files/folder.h"
#include "journal.h"
#include "recovery.h"

#define SNAPSHOT_DELAY_MS 150  /* it has to follow within 250 ms, and the writing takes some of that */
#define SYNC_DELAY_MS     500  /* after a power cut, at most the last second is missing */
#define CHECK_MS          2000 /* a folder that goes away is made anew within 5 s */
#define RETRY_MS          1000

struct storage {
    struct event_ring *ring;
    char *snapshot_path;
    char *folder;
    bool folder_is_ours;
    bool sync_always;
    void (*changed)(void *context);
    void *context;
    struct journal journal;
    struct deferred *snapshot_work;
    struct deferred *sync_work;
    char *journal_trouble;  /* NULL: none */
    char *snapshot_trouble; /* NULL: none */
    struct strings notices;
    size_t notices_taken;
    uv_timer_t timer; /* looks after the files: CHECK_MS, or RETRY_MS while there is trouble */
    bool retrying;
    bool first_is_due; /* there is no snapshot yet: the first event makes one at once */
};

/* What one piece of work on the pool owns. */
struct job {
    char *path;
    char *folder;
    struct text content;
};

static void discard_job(void *payload)
{
    struct job *job = payload;
    free(job->path);
    free(job->folder);
    text_finish(&job->content);
    free(job);
}

static struct job *job_for(const char *path, const char *folder)
{
    struct job *job = memory_new(1, sizeof *job);
    job->path = memory_copy_text(path);
    job->folder = memory_copy_text(folder);
    return job;
}

static void look_after(uv_timer_t *timer);

static void set_trouble(struct storage *storage, char **trouble, const char *path, int code)
{
    free(*trouble);
    *trouble = code < 0 ? text_format("%s cannot be written: %s", path, uv_strerror(code)) : NULL;
    bool retrying = storage->journal_trouble || storage->snapshot_trouble;
    if (retrying == storage->retrying)
        return;
    storage->retrying = retrying;
    uint64_t period = retrying ? RETRY_MS : CHECK_MS;
    uv_timer_start(&storage->timer, look_after, period, period);
}

static void set_journal_code(struct storage *storage, int code)
{
    set_trouble(storage, &storage->journal_trouble, storage->journal.path, code);
}

/* Snapshot: a copy of the ring as a document, replaced as a whole on the pool. */

static void *prepare_snapshot(void *context)
{
    struct storage *storage = context;
    struct job *job = job_for(storage->snapshot_path, storage->folder);
    event_ring_print(storage->ring, &job->content);
    return job;
}

static int work_snapshot(void *payload)
{
    const struct job *job = payload;
    int code = file_replace(job->path, text_get(&job->content), job->content.length, true);
    if (code == UV_ENOENT && folder_make(job->folder, false) == 0)
        code = file_replace(job->path, text_get(&job->content), job->content.length, true);
    return code;
}

static void done_snapshot(void *context, const void *payload, int code)
{
    struct storage *storage = context;
    set_trouble(storage, &storage->snapshot_trouble, storage->snapshot_path, code);
    storage->changed(storage->context);
}

static void write_snapshot_now(struct storage *storage)
{
    struct job *job = prepare_snapshot(storage);
    set_trouble(storage, &storage->snapshot_trouble, storage->snapshot_path, work_snapshot(job));
    discard_job(job);
}

static const struct deferred_operations snapshot_operations = {
    .prepare = prepare_snapshot, .work = work_snapshot, .done = done_snapshot, .discard = discard_job};

/* Sync: the journal that the path names by then, through a descriptor of its own, and its name. */

static void *prepare_sync(void *context)
{
    const struct storage *storage = context;
    return job_for(storage->journal.path, storage->folder);
}

static int work_sync(void *payload)
{
    const struct job *job = payload;
    int code = file_sync_at(job->path);
    return code < 0 ? code : folder_sync(job->folder);
}

static void done_sync(void *context, const void *payload, int code)
{
    struct storage *storage = context;
    if (code == UV_ENOENT || code == UV_ENOTDIR)
        return; /* taken away: look_after makes it anew */
    if (code < 0) {
        journal_close(&storage->journal);
        set_journal_code(storage, code);
        storage->changed(storage->context);
    }
}

static const struct deferred_operations sync_operations = {
    .prepare = prepare_sync, .work = work_sync, .done = done_sync, .discard = discard_job};

/* Journal */

static int begin_anew(struct storage *storage)
{
    int code = journal_begin_anew(&storage->journal, storage->ring, storage->sync_always);
    if (code != UV_ENOENT && code != UV_ENOTDIR)
        return code;
    code = folder_make(storage->folder, storage->folder_is_ours);
    return code < 0 ? code : journal_begin_anew(&storage->journal, storage->ring, storage->sync_always);
}

static int sync_now(struct storage *storage)
{
    if (!storage->sync_always)
        return 0;
    int code = file_sync(storage->journal.fd);
    if (code < 0)
        journal_close(&storage->journal);
    return code;
}

void storage_append(struct storage *storage, int64_t seq, const char *line, size_t length)
{
    if (storage->journal_trouble)
        return; /* look_after writes it with everything else that is missing */
    if (journal_is_full(&storage->journal))
        begin_anew(storage); /* where it fails, the old one goes on */
    int code = journal_append(&storage->journal, seq, line, length);
    if (code == 0)
        code = sync_now(storage);
    if (code < 0)
        set_journal_code(storage, code);
}

void storage_follow(struct storage *storage)
{
    if (storage->first_is_due)
        write_snapshot_now(storage);
    else
        deferred_ask(storage->snapshot_work);
    storage->first_is_due = false;
    if (!storage->sync_always)
        deferred_ask(storage->sync_work);
}

static void catch_up(struct storage *storage)
{
    int code = journal_append_later(&storage->journal, storage->ring);
    if (storage->journal.fd < 0)
        code = begin_anew(storage);
    if (code == 0)
        code = sync_now(storage);
    set_journal_code(storage, code);
}

static bool is_there(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_stat(NULL, &request, path, NULL);
    uv_fs_req_cleanup(&request);
    return code == 0;
}

static void replace_what_is_gone(struct storage *storage)
{
    if (journal_is_gone(&storage->journal)) {
        journal_close(&storage->journal);
        strings_take(&storage->notices,
                     text_format("%s was taken away and has been made anew", storage->journal.path));
    }
    if (storage->ring->count > 0 && !is_there(storage->snapshot_path))
        deferred_ask(storage->snapshot_work);
}

static void look_after(uv_timer_t *timer)
{
    struct storage *storage = timer->data;
    replace_what_is_gone(storage);
    if (storage->journal_trouble || storage->journal.fd < 0)
        catch_up(storage);
    if (storage->snapshot_trouble)
        deferred_ask(storage->snapshot_work);
    storage->changed(storage->context);
}

/* The start */

static bool set_aside(struct storage *storage, const char *path, const struct recovered_file *file)
{
    if (!file->damaged)
        return true;
    char *aside;
    int code = file_set_aside(path, &aside);
    const char *why = file->code < 0 ? uv_strerror(file->code) : "not all of it is a feed of ours";
    if (code == 0)
        strings_take(&storage->notices,
                     text_format("%s could not be read (%s): %zu events were kept, and it is now %s", path,
                                 why, file->events, aside));
    else
        strings_take(&storage->notices,
                     text_format("%s could not be read (%s): %zu events were kept", path, why, file->events));
    free(aside);
    return code == 0;
}

static void open_files(struct storage *storage)
{
    struct recovery recovery;
    recovery_read(storage->snapshot_path, storage->journal.path, storage->ring, &recovery);
    bool snapshot_moved = set_aside(storage, storage->snapshot_path, &recovery.snapshot);
    bool journal_moved = set_aside(storage, storage->journal.path, &recovery.journal);
    int code = UV_EBADF;
    if (!recovery.journal.damaged)
        code = journal_open(&storage->journal, event_ring_last_seq(storage->ring));
    if (code < 0 && journal_moved)
        code = begin_anew(storage);
    set_journal_code(storage, code);
    bool moved = recovery.snapshot.damaged && snapshot_moved;
    bool missing = moved || !is_there(storage->snapshot_path);
    storage->first_is_due = missing && storage->ring->count == 0;
    if (missing && storage->ring->count > 0)
        write_snapshot_now(storage); /* no reader should find none in its place */
}

char *storage_journal_path(const char *snapshot_path)
{
    static const char ending[] = ".json";
    size_t length = strlen(snapshot_path);
    size_t stem = length;
    if (length > strlen(ending) && strcmp(snapshot_path + length - strlen(ending), ending) == 0)
        stem = length - strlen(ending);
    return text_format("%.*s.journal", (int)stem, snapshot_path);
}

struct storage *storage_create(uv_loop_t *loop, const struct storage_options *options,
                               struct event_ring *ring)
{
    struct storage *storage = memory_new(1, sizeof *storage);
    storage->ring = ring;
    storage->snapshot_path = memory_copy_text(options->snapshot_path);
    storage->folder = folder_of(options->snapshot_path);
    storage->folder_is_ours = options->folder_is_ours;
    storage->sync_always = options->sync_always;
    storage->changed = options->changed;
    storage->context = options->context;
    char *journal_path = storage_journal_path(options->snapshot_path);
    journal_init(&storage->journal, journal_path);
    free(journal_path);
    storage->snapshot_work = deferred_create(loop, SNAPSHOT_DELAY_MS, &snapshot_operations, storage);
    storage->sync_work = deferred_create(loop, SYNC_DELAY_MS, &sync_operations, storage);
    uv_timer_init(loop, &storage->timer);
    uv_unref((uv_handle_t *)&storage->timer);
    storage->timer.data = storage;
    uv_timer_start(&storage->timer, look_after, CHECK_MS, CHECK_MS);
    folder_make(storage->folder, storage->folder_is_ours); /* where it fails, opening the files says so */
    open_files(storage);
    return storage;
}

const char *storage_trouble(const struct storage *storage)
{
    return storage->journal_trouble ? storage->journal_trouble : storage->snapshot_trouble;
}

char *storage_take_notice(struct storage *storage)
{
    if (storage->notices_taken == storage->notices.count) {
        strings_finish(&storage->notices);
        storage->notices_taken = 0;
        return NULL;
    }
    return memory_copy_text(storage->notices.items[storage->notices_taken++]);
}

static void on_closed(uv_handle_t *handle)
{
    struct storage *storage = handle->data;
    journal_finish(&storage->journal);
    strings_finish(&storage->notices);
    free(storage->journal_trouble);
    free(storage->snapshot_trouble);
    free(storage->snapshot_path);
    free(storage->folder);
    free(storage);
}

void storage_destroy(struct storage *storage)
{
    if (!storage)
        return;
    bool synced = deferred_destroy(storage->sync_work);
    bool idle = deferred_destroy(storage->snapshot_work);
    if (storage->journal_trouble || storage->journal.fd < 0 || journal_is_gone(&storage->journal)) {
        journal_close(&storage->journal);
        begin_anew(storage);
    }
    if (idle && synced && storage->ring->count > 0)
        write_snapshot_now(storage);
    uv_close((uv_handle_t *)&storage->timer, on_closed);
}

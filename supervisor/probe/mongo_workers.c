#include "mongo_workers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "mongo_ping.h"

/* The driver and the TLS library need some; pages that are never touched cost nothing. */
#define STACK_BYTES (1024 * 1024)
#define FAREWELL_NS (50 * 1000 * 1000ULL)

/* Until it is finished a job belongs to its thread, then to the list of finished ones, then to the loop. */
struct mongo_job {
    struct strings uris;
    bool primary;
    int32_t timeout_ms;
    mongo_job_done done; /* NULL: cancelled. This and context are the loop's alone. */
    void *context;
    atomic_bool called_off;
    bool passed;
    char *reason;
    struct mongo_job *next;
};

struct crew;

struct worker {
    struct crew *crew;
    uv_thread_t thread;
    struct mongo_job *job; /* NULL: idle */
    bool started;
    bool ended;
};

/* What loop and threads share, under the lock. The last of them frees it. */
struct crew {
    uv_mutex_t lock;
    uv_cond_t news; /* for the threads: a job, or the end */
    uv_cond_t farewell;
    int references;
    bool stopping;
    uv_async_t *bell; /* NULL: the loop's side is gone */
    struct mongo_job *finished;
    struct worker workers[MONGO_WORKER_COUNT];
};

struct mongo_workers {
    uv_async_t bell;
    struct crew *crew;
};

static void free_job(struct mongo_job *job)
{
    strings_finish(&job->uris);
    free(job->reason);
    free(job);
}

static void leave(struct crew *crew)
{
    uv_mutex_lock(&crew->lock);
    bool last = --crew->references == 0;
    uv_mutex_unlock(&crew->lock);
    if (!last)
        return;
    uv_cond_destroy(&crew->farewell);
    uv_cond_destroy(&crew->news);
    uv_mutex_destroy(&crew->lock);
    free(crew);
}

static void carry_out(struct mongo_job *job)
{
    uint64_t half_time = uv_hrtime() + (uint64_t)job->timeout_ms * 500000;
    for (size_t i = 0; i < job->uris.count && !job->passed && !atomic_load(&job->called_off); i++) {
        if (i > 0 && uv_hrtime() > half_time)
            break;
        char *reason = NULL;
        struct mongo_question question = {.uri = job->uris.items[i],
                                          .primary = job->primary,
                                          .timeout_ms = job->timeout_ms,
                                          .called_off = &job->called_off};
        job->passed = mongo_ping(&question, &reason);
        if (job->reason)
            free(reason);
        else
            job->reason = reason;
    }
}

/* With the lock held. */
static void hand_over(struct crew *crew, struct mongo_job *job)
{
    if (!crew->bell) {
        free_job(job);
        return;
    }
    job->next = crew->finished;
    crew->finished = job;
    uv_async_send(crew->bell);
}

static void work(void *argument)
{
    struct worker *worker = argument;
    struct crew *crew = worker->crew;
    uv_mutex_lock(&crew->lock);
    for (;;) {
        while (!worker->job && !crew->stopping)
            uv_cond_wait(&crew->news, &crew->lock);
        if (!worker->job)
            break;
        struct mongo_job *job = worker->job;
        uv_mutex_unlock(&crew->lock);
        carry_out(job);
        uv_mutex_lock(&crew->lock);
        worker->job = NULL;
        hand_over(crew, job);
    }
    worker->ended = true;
    uv_cond_signal(&crew->farewell);
    uv_mutex_unlock(&crew->lock);
    leave(crew);
}

static void on_bell(uv_async_t *bell)
{
    struct mongo_workers *workers = bell->data;
    uv_mutex_lock(&workers->crew->lock);
    struct mongo_job *job = workers->crew->finished;
    workers->crew->finished = NULL;
    uv_mutex_unlock(&workers->crew->lock);
    /* done may destroy the workers; what was taken from the list is ours. */
    while (job) {
        struct mongo_job *next = job->next;
        if (job->done)
            job->done(job->context, job->passed, job->passed ? NULL : job->reason);
        free_job(job);
        job = next;
    }
}

struct mongo_workers *mongo_workers_create(uv_loop_t *loop)
{
    struct mongo_workers *workers = memory_new(1, sizeof(*workers));
    struct crew *crew = memory_new(1, sizeof(*crew));
    if (uv_mutex_init(&crew->lock) != 0 || uv_cond_init(&crew->news) != 0 ||
        uv_cond_init(&crew->farewell) != 0 || uv_async_init(loop, &workers->bell, on_bell) != 0)
        abort();
    workers->bell.data = workers;
    /* The bell alone keeps no loop alive; whoever waits for a job has a timer. */
    uv_unref((uv_handle_t *)&workers->bell);
    workers->crew = crew;
    crew->references = 1;
    crew->bell = &workers->bell;
    return workers;
}

static void on_bell_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static bool all_ended(const struct crew *crew)
{
    for (size_t i = 0; i < MONGO_WORKER_COUNT; i++)
        if (crew->workers[i].started && !crew->workers[i].ended)
            return false;
    return true;
}

void mongo_workers_destroy(struct mongo_workers *workers)
{
    if (!workers)
        return;
    struct crew *crew = workers->crew;
    uint64_t until = uv_hrtime() + FAREWELL_NS;
    uv_mutex_lock(&crew->lock);
    crew->stopping = true;
    crew->bell = NULL;
    uv_cond_broadcast(&crew->news);
    for (uint64_t now = uv_hrtime(); now < until && !all_ended(crew); now = uv_hrtime())
        uv_cond_timedwait(&crew->farewell, &crew->lock, until - now);
    for (size_t i = 0; i < MONGO_WORKER_COUNT; i++)
        if (crew->workers[i].started)
            pthread_detach(crew->workers[i].thread); /* a uv_thread_t; libuv has no name for it before 1.50 */
    struct mongo_job *finished = crew->finished;
    crew->finished = NULL;
    uv_mutex_unlock(&crew->lock);

    while (finished) {
        struct mongo_job *next = finished->next;
        free_job(finished);
        finished = next;
    }
    leave(crew);
    uv_close((uv_handle_t *)&workers->bell, on_bell_closed);
}

/* With the lock held. An idle thread, else a new one; NULL where all are at work. */
static struct worker *find_worker(struct crew *crew)
{
    struct worker *unborn = NULL;
    for (size_t i = 0; i < MONGO_WORKER_COUNT; i++) {
        struct worker *worker = &crew->workers[i];
        if (worker->started && !worker->job)
            return worker;
        if (!worker->started && !unborn)
            unborn = worker;
    }
    if (!unborn)
        return NULL;
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = STACK_BYTES};
    unborn->crew = crew;
    if (uv_thread_create_ex(&unborn->thread, &options, work, unborn) != 0)
        return NULL;
    unborn->started = true;
    crew->references++;
    return unborn;
}

struct mongo_job *mongo_job_start(struct mongo_workers *workers, const struct strings *uris, bool primary,
                                  int32_t timeout_ms, mongo_job_done done, void *context)
{
    struct crew *crew = workers->crew;
    struct mongo_job *job = NULL;
    uv_mutex_lock(&crew->lock);
    struct worker *worker = find_worker(crew);
    if (worker) {
        job = memory_new(1, sizeof(*job));
        strings_copy(&job->uris, uris);
        job->primary = primary;
        job->timeout_ms = timeout_ms;
        job->done = done;
        job->context = context;
        atomic_init(&job->called_off, false);
        worker->job = job;
        uv_cond_broadcast(&crew->news);
    }
    uv_mutex_unlock(&crew->lock);
    return job;
}

void mongo_job_cancel(struct mongo_job *job)
{
    if (!job)
        return;
    job->done = NULL;
    atomic_store(&job->called_off, true);
}

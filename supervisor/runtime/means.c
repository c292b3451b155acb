#include "means.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

/* libuv makes so many threads for its pool unless UV_THREADPOOL_SIZE says otherwise; a few more write and
 * probe. */
#define POOL_THREADS  4
#define OTHER_THREADS 4
#define MOST_THREADS  1024

/* With fewer, not even the socket and one child's pipes can be had. */
#define DESCRIPTORS 16

static int check_descriptors(struct error *error)
{
    int held[DESCRIPTORS];
    int count = 0;
    while (count < DESCRIPTORS && (held[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    int failed = errno;
    bool enough = count == DESCRIPTORS;
    while (count > 0)
        close(held[--count]);
    if (enough)
        return 0;
    error_set_errno(error, ERROR_SYSTEM, failed, "cannot open the files that sidecard needs");
    error_remedy(error, "allow it more descriptors (ulimit -n)");
    return ERROR_SYSTEM;
}

static size_t thread_count(void)
{
    const char *wanted = getenv("UV_THREADPOOL_SIZE");
    long pool = wanted ? strtol(wanted, NULL, 10) : POOL_THREADS;
    return (size_t)(pool < 1 ? 1 : pool > MOST_THREADS ? MOST_THREADS : pool) + OTHER_THREADS;
}

static void wait_for_the_end(void *over)
{
    uv_sem_wait(over);
}

/* All at once, because what is limited is how many there are. */
static int check_threads(struct error *error)
{
    size_t wanted = thread_count();
    uv_thread_t *threads = memory_new(wanted, sizeof(*threads));
    uv_sem_t over;
    int failed = uv_sem_init(&over, 0);
    size_t count = 0;
    while (failed == 0 && count < wanted &&
           (failed = uv_thread_create(&threads[count], wait_for_the_end, &over)) == 0)
        count++;
    for (size_t i = 0; i < count; i++)
        uv_sem_post(&over);
    for (size_t i = 0; i < count; i++)
        uv_thread_join(&threads[i]);
    if (failed == 0 || count > 0)
        uv_sem_destroy(&over);
    free(threads);
    if (failed == 0)
        return 0;
    error_set(error, ERROR_SYSTEM, "cannot make the %zu threads that sidecard needs: %s", wanted,
              uv_strerror(failed));
    error_remedy(error, "allow this user more processes (ulimit -u)");
    return ERROR_SYSTEM;
}

static void do_nothing(uv_work_t *work)
{
}

static void on_pool_at_work(uv_work_t *work, int status)
{
    free(work);
}

int means_secure(uv_loop_t *loop, struct error *error)
{
    int result = check_descriptors(error);
    if (result == 0)
        result = check_threads(error);
    if (result != 0)
        return result;
    /* libuv makes its threads when the first work is queued, and aborts where it cannot. */
    uv_work_t *work = memory_new(1, sizeof(*work));
    if (uv_queue_work(loop, work, do_nothing, on_pool_at_work) != 0)
        free(work);
    return 0;
}

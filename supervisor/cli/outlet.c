#include "outlet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/memory.h"
#include "base/text.h"

#define WAITING_MAX                                                                                          \
    ((size_t)1024 * 1024) /* bytes not written yet; about what a terminal shows in a second                  \
                           */
#define LAST_WORDS_NS ((uint64_t)1000 * 1000 * 1000)

struct outlet {
    int fd;
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t work;    /* there is something to write, or the end */
    uv_cond_t drained; /* everything is written */
    struct text waiting;
    size_t dropped; /* lines */
    bool busy;      /* the thread is writing */
    bool dead;      /* nobody reads any more */
    bool ending;
};

/* False where nobody will read. */
static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written >= 0) {
            data += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN) {
            /* Somebody else has made it non-blocking. */
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Under the mutex, which is let go of while it writes. */
static void write_waiting(struct outlet *outlet)
{
    struct text lines = outlet->waiting;
    outlet->waiting = (struct text){0};
    if (outlet->dropped > 0)
        text_printf(&lines, "[%zu lines are missing here: they came faster than they could be shown]\n",
                    outlet->dropped);
    outlet->dropped = 0;
    outlet->busy = true;
    uv_mutex_unlock(&outlet->mutex);
    bool alive = write_all(outlet->fd, text_get(&lines), lines.length);
    text_finish(&lines);
    uv_mutex_lock(&outlet->mutex);
    outlet->busy = false;
    if (!alive) {
        outlet->dead = true;
        text_finish(&outlet->waiting);
    }
}

static void run(void *context)
{
    struct outlet *outlet = context;
    uv_mutex_lock(&outlet->mutex);
    while (!outlet->ending || outlet->waiting.length > 0) {
        if (outlet->waiting.length > 0) {
            write_waiting(outlet);
            continue;
        }
        uv_cond_signal(&outlet->drained);
        uv_cond_wait(&outlet->work, &outlet->mutex);
    }
    uv_cond_signal(&outlet->drained);
    uv_mutex_unlock(&outlet->mutex);
}

struct outlet *outlet_create(int fd)
{
    struct outlet *outlet = memory_new(1, sizeof(*outlet));
    outlet->fd = fd;
    uv_mutex_init(&outlet->mutex);
    uv_cond_init(&outlet->work);
    uv_cond_init(&outlet->drained);
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = (size_t)64 * 1024};
    if (uv_thread_create_ex(&outlet->thread, &options, run, outlet) != 0)
        abort();
    return outlet;
}

static size_t count_lines(const char *lines, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += lines[i] == '\n';
    return count;
}

void outlet_write(struct outlet *outlet, const char *lines, size_t length)
{
    uv_mutex_lock(&outlet->mutex);
    if (outlet->dead) {
        /* nothing */
    } else if (outlet->waiting.length + length > WAITING_MAX) {
        outlet->dropped += count_lines(lines, length);
    } else {
        text_append_bytes(&outlet->waiting, lines, length);
        uv_cond_signal(&outlet->work);
    }
    uv_mutex_unlock(&outlet->mutex);
}

void outlet_destroy(struct outlet *outlet)
{
    if (!outlet)
        return;
    uv_mutex_lock(&outlet->mutex);
    outlet->ending = true;
    uv_cond_signal(&outlet->work);
    uint64_t until = uv_hrtime() + LAST_WORDS_NS;
    bool late = false;
    while ((outlet->busy || outlet->waiting.length > 0) && !late) {
        uint64_t now = uv_hrtime();
        late = now >= until || uv_cond_timedwait(&outlet->drained, &outlet->mutex, until - now) != 0;
    }
    uv_mutex_unlock(&outlet->mutex);
    /* A thread that hangs in write() ends with the process; its memory has to stay. */
    if (late)
        return;
    uv_thread_join(&outlet->thread);
    uv_cond_destroy(&outlet->work);
    uv_cond_destroy(&outlet->drained);
    uv_mutex_destroy(&outlet->mutex);
    text_finish(&outlet->waiting);
    free(outlet);
}

bool outlet_same_place(int a, int b)
{
    struct stat one, other;
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

#include "stream_pump.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/memory.h"

#define PIECE ((size_t)16 * 1024)

struct stream_pump {
    int from, to;
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t over;
    bool is_over;
    char piece[PIECE];
};

/* Whether to try again after a read or a write that failed. */
static bool is_worth_waiting(int fd, short events)
{
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    /* Somebody else who has it open has made it non-blocking. */
    struct pollfd waiting = {.fd = fd, .events = events};
    poll(&waiting, 1, -1);
    return true;
}

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written >= 0) {
            data += written;
            length -= (size_t)written;
        } else if (!is_worth_waiting(fd, POLLOUT)) {
            return false;
        }
    }
    return true;
}

static void copy(struct stream_pump *pump)
{
    for (;;) {
        ssize_t length = read(pump->from, pump->piece, PIECE);
        if (length < 0 && is_worth_waiting(pump->from, POLLIN))
            continue;
        if (length <= 0 || !write_all(pump->to, pump->piece, (size_t)length))
            return;
    }
}

static void run(void *context)
{
    struct stream_pump *pump = context;
    copy(pump);
    close(pump->from);
    close(pump->to);
    uv_mutex_lock(&pump->mutex);
    pump->is_over = true;
    uv_cond_signal(&pump->over);
    uv_mutex_unlock(&pump->mutex);
}

static void destroy(struct stream_pump *pump)
{
    uv_cond_destroy(&pump->over);
    uv_mutex_destroy(&pump->mutex);
    free(pump);
}

struct stream_pump *stream_pump_start(int from, int to)
{
    struct stream_pump *pump = memory_new(1, sizeof(*pump));
    pump->from = from;
    pump->to = to;
    uv_mutex_init(&pump->mutex);
    uv_cond_init(&pump->over);
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = (size_t)64 * 1024};
    if (uv_thread_create_ex(&pump->thread, &options, run, pump) == 0)
        return pump;
    close(from);
    close(to);
    destroy(pump);
    return NULL;
}

void stream_pump_finish(struct stream_pump *pump, unsigned wait_ms)
{
    if (!pump)
        return;
    uint64_t until = uv_hrtime() + (uint64_t)wait_ms * 1000 * 1000;
    uv_mutex_lock(&pump->mutex);
    for (uint64_t now = uv_hrtime(); !pump->is_over && now < until; now = uv_hrtime())
        uv_cond_timedwait(&pump->over, &pump->mutex, until - now);
    bool over = pump->is_over;
    uv_mutex_unlock(&pump->mutex);
    if (!over)
        return;
    uv_thread_join(&pump->thread);
    destroy(pump);
}

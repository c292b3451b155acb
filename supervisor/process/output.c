#include "child_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

/* So much of one pipe at a time: the others have their turn between. */
#define READS_A_TURN 16

static void set_close_on_exec(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int make_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return errno;
    set_close_on_exec(ends[0]);
    set_close_on_exec(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

int output_open(struct child *child, int write_fds[2])
{
    for (int i = 0; i < 2; i++) {
        int ends[2];
        int failed = make_pipe(ends);
        if (failed) {
            if (i == 1) {
                close(child->outputs[0].fd);
                close(write_fds[0]);
                child->outputs[0].fd = -1;
            }
            return failed;
        }
        child->outputs[i] = (struct output){.child = child, .stream = i + 1, .fd = ends[0]};
        write_fds[i] = ends[1];
    }
    return 0;
}

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

static void close_one(struct output *output)
{
    if (output->poll) {
        output->poll->data = NULL;
        uv_close((uv_handle_t *)output->poll, free_poll);
        output->poll = NULL;
    }
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
}

static void hand_on(struct output *output, const char *data, size_t length)
{
    struct child *child = output->child;
    if (!child->listener.output)
        return;
    child->delivering = true;
    child->listener.output(child->listener.context, output->stream, data, length);
    child->delivering = false;
}

/* Reads until the pipe is empty, at most so often. A pipe at its end stays readable: it is closed there, so
 * that the loop does not spin beside a child that is still ending. */
static void read_some(struct output *output, int turns)
{
    char *buffer = output->child->reaper->buffer;
    while (output->fd >= 0 && turns-- > 0) {
        ssize_t got = read(output->fd, buffer, OUTPUT_BUFFER);
        if (got > 0) {
            hand_on(output, buffer, (size_t)got);
            if (got < OUTPUT_BUFFER)
                return;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else if (got == 0 || errno != EINTR) {
            close_one(output);
            hand_on(output, NULL, 0);
        }
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct output *output = poll->data;
    if (output)
        read_some(output, READS_A_TURN);
}

void output_watch(struct child *child)
{
    for (int i = 0; i < 2; i++) {
        struct output *output = &child->outputs[i];
        output->poll = memory_new(1, sizeof(*output->poll));
        output->poll->data = output;
        uv_poll_init(child->reaper->loop, output->poll, output->fd);
        uv_poll_start(output->poll, UV_READABLE, on_readable);
    }
}

void output_drain(struct child *child)
{
    /* What a pipe can hold, and no more: a descendant may go on writing for ever. */
    for (int i = 0; i < 2; i++)
        read_some(&child->outputs[i], READS_A_TURN);
}

void output_close(struct child *child)
{
    for (int i = 0; i < 2; i++) {
        bool open = child->outputs[i].fd >= 0;
        close_one(&child->outputs[i]);
        if (open)
            hand_on(&child->outputs[i], NULL, 0);
    }
}

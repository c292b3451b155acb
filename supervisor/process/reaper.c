#include "reaper.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "child_internal.h"
#include "platform/host.h"
#include "platform/process_handle.h"
#include "platform/process_table.h"
#include "platform/reap.h"

/* Ends of processes whose parent still lives are not told to us; so often they are looked for. */
#define POLL_MS 10

static struct child *find(const struct reaper *reaper, pid_t pid)
{
    for (struct child *child = reaper->children; child; child = child->next)
        if (child->pid == pid && !child->ended)
            return child;
    return NULL;
}

static void look_at_all(struct reaper *reaper)
{
    uv_timer_stop(&reaper->poll);
    do {
        struct child *child;
        reaper->look_again = false;
        reaper->looking = true;
        reaper_list_orphans(reaper);
        for (reaper->next_look = reaper->children; (child = reaper->next_look) != NULL;) {
            reaper->next_look = child->next;
            child_look_now(child);
        }
        reaper->looking = false;
    } while (reaper->look_again);
}

static void on_poll(uv_timer_t *timer)
{
    look_at_all(timer->data);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct reaper *reaper = signal->data;
    pid_t pid;
    while (reap_peek(&pid)) {
        struct child *child = find(reaper, pid);
        struct ending ending;
        if (child)
            child_take_ending(child);
        else if (!reap_collect(pid, &ending))
            break;
    }
    look_at_all(reaper);
}

struct reaper *reaper_create(uv_loop_t *loop)
{
    struct reaper *reaper = memory_new(1, sizeof(*reaper));
    reaper->loop = loop;
    reaper->buffer = memory_new(OUTPUT_BUFFER, 1);
    host_adopt_orphans();
    uv_signal_init(loop, &reaper->signal);
    uv_timer_init(loop, &reaper->poll);
    reaper->open_handles = 2;
    reaper->signal.data = reaper;
    reaper->poll.data = reaper;
    uv_signal_start(&reaper->signal, on_signal, SIGCHLD);
    uv_unref((uv_handle_t *)&reaper->signal);
    return reaper;
}

static void on_closed(uv_handle_t *handle)
{
    struct reaper *reaper = handle->data;
    if (--reaper->open_handles > 0)
        return;
    process_list_finish(&reaper->orphans);
    free(reaper->buffer);
    free(reaper);
}

void reaper_destroy(struct reaper *reaper)
{
    if (!reaper)
        return;
    uv_close((uv_handle_t *)&reaper->signal, on_closed);
    uv_close((uv_handle_t *)&reaper->poll, on_closed);
}

void reaper_add(struct reaper *reaper, struct child *child)
{
    child->next = reaper->children;
    if (child->next)
        child->next->previous = child;
    else
        uv_ref((uv_handle_t *)&reaper->signal);
    reaper->children = child;
}

void reaper_remove(struct child *child)
{
    if (child->reaper->next_look == child)
        child->reaper->next_look = child->next;
    if (child->previous)
        child->previous->next = child->next;
    else if (child->reaper->children == child)
        child->reaper->children = child->next;
    if (child->next)
        child->next->previous = child->previous;
    child->previous = child->next = NULL;
    if (!child->reaper->children)
        uv_unref((uv_handle_t *)&child->reaper->signal);
}

void reaper_hasten(struct reaper *reaper)
{
    if (!uv_is_active((uv_handle_t *)&reaper->poll))
        uv_timer_start(&reaper->poll, on_poll, POLL_MS, POLL_MS);
}

static void add_name(struct strings *names, const struct process_info *info)
{
    char *name = process_text(info);
    strings_add_once(names, name);
    free(name);
}

size_t reaper_kill_strays(struct reaper *reaper, struct strings *names)
{
    struct pid_list strays = {0};
    process_children(getpid(), &strays);
    process_add_descendants(&strays);
    size_t found = 0;
    for (size_t i = 0; i < strays.count; i++) {
        struct process_info info;
        if (!process_read(strays.items[i], &info) || info.state == 'Z')
            continue;
        int handle = process_handle_open(info.pid, info.start_time);
        if (handle < 0)
            continue;
        found++;
        if (names)
            add_name(names, &info);
        process_handle_signal(handle, SIGKILL);
        process_handle_close(handle);
    }
    pid_list_finish(&strays);
    return found;
}

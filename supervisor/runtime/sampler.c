/* What each tree uses, looked at every 2 s (lifecycle.md, 'Limits'), and what this process does itself. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "platform/clock.h"
#include "platform/process_table.h"
#include "runtime_internal.h"

#define SAMPLE_MS 2000
/* Above this many sidecars the distance grows with their number. */
#define SAMPLE_MANY    100
#define SAMPLE_EACH_MS 20

struct sampler {
    struct runtime *runtime;
    uv_timer_t timer;
    uint64_t own_ticks;
    int64_t own_sampled_at;
    double own_cpu_percent;
    int64_t own_resident_bytes;
};

static double share(uint64_t ticks, uint64_t before, int64_t elapsed_ms)
{
    if (elapsed_ms <= 0 || ticks < before)
        return 0;
    double seconds = (double)(ticks - before) / (double)process_ticks_per_second();
    return seconds * 100000 / (double)elapsed_ms;
}

static void sample_tree(struct sidecar *sidecar, int64_t now)
{
    struct pid_list tree = {0};
    struct usage usage = {.sampled_at = now};
    child_tree(sidecar->child, &tree);
    for (size_t i = 0; i < tree.count; i++) {
        struct process_info info;
        if (!process_read(tree.items[i], &info))
            continue;
        ledger_note(sidecar->runtime->ledger, info.pid, sidecar->plan->name);
        usage.cpu_ticks += info.cpu_ticks;
        usage.memory_bytes += process_resident_bytes(info.pid);
        usage.open_files += process_open_files(info.pid);
    }
    pid_list_finish(&tree);
    const struct usage *before = &sidecar->usage;
    if (before->sampled_at != 0)
        usage.cpu_percent = share(usage.cpu_ticks, before->cpu_ticks, now - before->sampled_at);
    sidecar->usage = usage;
}

static void sample_self(struct sampler *sampler, int64_t now)
{
    struct process_info info;
    if (!process_read(getpid(), &info))
        return;
    if (sampler->own_sampled_at != 0)
        sampler->own_cpu_percent = share(info.cpu_ticks, sampler->own_ticks, now - sampler->own_sampled_at);
    sampler->own_ticks = info.cpu_ticks;
    sampler->own_sampled_at = now;
    sampler->own_resident_bytes = process_resident_bytes(getpid());
}

static void on_timer(uv_timer_t *timer)
{
    struct sampler *sampler = timer->data;
    struct runtime *runtime = sampler->runtime;
    int64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        log_check(runtime->sidecars[i].log);
        if (runtime->sidecars[i].child)
            sample_tree(&runtime->sidecars[i], now);
    }
    log_check(own_log_lines(runtime->own_log));
    ledger_tidy(runtime->ledger);
    folder_tend(runtime);
    sample_self(sampler, now);
    size_t count = runtime->sidecar_count;
    uv_timer_start(timer, on_timer, count > SAMPLE_MANY ? count * SAMPLE_EACH_MS : SAMPLE_MS, 0);
}

struct sampler *sampler_create(struct runtime *runtime)
{
    struct sampler *sampler = memory_new(1, sizeof(*sampler));
    sampler->runtime = runtime;
    uv_timer_init(runtime->loop, &sampler->timer);
    sampler->timer.data = sampler;
    sample_self(sampler, clock_monotonic_ms());
    /* The first look comes soon, so that a status does not go without figures for long. */
    uv_timer_start(&sampler->timer, on_timer, SAMPLE_MS / 4, 0);
    return sampler;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void sampler_destroy(struct sampler *sampler)
{
    if (sampler)
        uv_close((uv_handle_t *)&sampler->timer, on_closed);
}

double sampler_own_cpu_percent(const struct sampler *sampler)
{
    return sampler ? sampler->own_cpu_percent : 0;
}

int64_t sampler_own_resident_bytes(const struct sampler *sampler)
{
    return sampler ? sampler->own_resident_bytes : 0;
}

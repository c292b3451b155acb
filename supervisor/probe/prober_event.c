/*
 * The kinds that pass by what happens: uptime, log, heartbeat, rpc, notify.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"
#include "escape_strip.h"
#include "prober_state.h"

static bool awaits(const struct prober *prober, enum prober_phase phase, enum probe_kind kind)
{
    return prober->phase == phase && prober->plan->kind == kind;
}

bool prober_wants_lines(const struct prober *prober)
{
    return awaits(prober, PROBER_READY, PROBE_LOG) && prober->pattern;
}

void prober_feed_line(struct prober *prober, const char *line, size_t length)
{
    if (!prober_wants_lines(prober))
        return;
    if (memchr(line, '\x1B', length)) {
        text_clear(&prober->line);
        text_append_bytes(&prober->line, line, length);
        length = escape_strip(prober->line.data, length, prober->line.data);
        line = prober->line.data;
    }
    if (pattern_matches(prober->pattern, line, length))
        prober_pass(prober);
}

static void fail_by_pattern(struct prober *prober)
{
    char *reason = NULL;
    pattern_destroy(pattern_create(prober->plan->pattern ? prober->plan->pattern : "(", &reason));
    char *message = text_format("the pattern for the log is not valid: %s", reason ? reason : "");
    free(reason);
    prober_fail(prober, message);
    free(message);
}

static void check_heartbeat(struct prober *prober)
{
    const struct probe_plan *plan = prober->plan;
    int64_t now = prober_now_ms();
    int64_t age_ms = now - prober->last_beat_ms;
    if (age_ms <= plan->timeout_ms) {
        int64_t left_ms = plan->timeout_ms - age_ms + 1;
        prober_arm(prober, left_ms < plan->interval_ms ? left_ms : plan->interval_ms, check_heartbeat);
        prober_pass(prober);
        return;
    }
    prober_arm(prober, plan->interval_ms > 0 ? plan->interval_ms : 1, check_heartbeat);
    char *age = duration_text(age_ms);
    char *message = text_format("no heartbeat for %s", age);
    free(age);
    prober_fail(prober, message);
    free(message);
}

void prober_begin_event(struct prober *prober)
{
    const struct probe_plan *plan = prober->plan;
    if (prober->phase == PROBER_LIVE) {
        if (plan->kind != PROBE_HEARTBEAT)
            return;
        if (prober->last_beat_ms == 0)
            prober->last_beat_ms = prober->begun_ms;
        prober_arm(prober, plan->interval_ms, check_heartbeat);
        return;
    }
    if (plan->kind == PROBE_UPTIME || plan->kind == PROBE_NONE) {
        prober_arm(prober, plan->kind == PROBE_UPTIME ? plan->timeout_ms : 0, prober_pass);
    } else if (plan->kind == PROBE_LOG) {
        prober->pattern = plan->pattern ? pattern_create(plan->pattern, NULL) : NULL;
        if (!prober->pattern)
            prober_arm(prober, 0, fail_by_pattern);
    }
}

void prober_beat(struct prober *prober)
{
    prober->last_beat_ms = prober_now_ms();
    if (awaits(prober, PROBER_READY, PROBE_HEARTBEAT))
        prober_pass(prober);
    else if (awaits(prober, PROBER_LIVE, PROBE_HEARTBEAT) && prober->failures > 0)
        check_heartbeat(prober);
}

void prober_notify_ready(struct prober *prober)
{
    if (awaits(prober, PROBER_READY, PROBE_NOTIFY))
        prober_pass(prober);
}

void prober_rpc_answered(struct prober *prober, const char *message)
{
    if (!awaits(prober, PROBER_READY, PROBE_RPC))
        return;
    if (message)
        prober_fail(prober, message);
    else
        prober_pass(prober);
}

#include "loop_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

double now_in_ms(void)
{
    return (double)uv_hrtime() / 1e6;
}

static void on_tick(uv_timer_t *timer)
{
}

bool loop_run_until(uv_loop_t *loop, const int *flag, int limit_ms)
{
    double until = now_in_ms() + limit_ms;
    uv_timer_t guard;
    uv_timer_init(loop, &guard);
    /* A turn may have done all there was to do before it began to wait. */
    uv_timer_start(&guard, on_tick, 5, 5);
    while (!*flag && now_in_ms() < until)
        uv_run(loop, UV_RUN_ONCE);
    bool happened = *flag != 0;
    uv_close((uv_handle_t *)&guard, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    return happened;
}

void loop_run_for(uv_loop_t *loop, int milliseconds)
{
    static const int never = 0;
    loop_run_until(loop, &never, milliseconds);
}

void loop_finish(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

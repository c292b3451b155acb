/*
 * tcp: passes when a connection is accepted. Without a host both loopbacks are asked at once, and either will
 * do.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attempt_kind.h"
#include "base/memory.h"
#include "base/text.h"

struct tcp_attempt;

struct tcp_leg {
    struct tcp_attempt *owner;
    const char *address; /* as a result names it; NULL where the plan names a host */
    uv_tcp_t tcp;
    uv_connect_t connect;
    bool open;
};

/* Lives on its own, because libuv cannot call a resolver back that is at work. */
struct resolve {
    uv_getaddrinfo_t request;
    struct tcp_attempt *owner; /* NULL: it is gone */
};

struct tcp_attempt {
    struct attempt base;
    struct tcp_leg legs[2];
    size_t leg_count;
    size_t failed;
    struct resolve *resolve;
    char *reason; /* of the first leg that failed */
};

static struct tcp_attempt *tcp_of(struct attempt *attempt)
{
    return (struct tcp_attempt *)attempt;
}

static char *where_text(const struct tcp_attempt *tcp, const char *address)
{
    const char *host = address ? address : tcp->base.plan->host;
    return text_format(strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, tcp->base.plan->port);
}

static void fail_leg(struct tcp_attempt *tcp, const char *address, int code)
{
    char *where = where_text(tcp, address);
    tcp->failed++;
    if (!tcp->reason)
        tcp->reason = code == UV_ECONNREFUSED
                          ? text_format("connection refused on %s", where)
                          : text_format("cannot connect to %s: %s", where, uv_strerror(code));
    free(where);
    if (tcp->failed == tcp->leg_count) {
        char *reason = tcp->reason;
        tcp->reason = NULL;
        attempt_fail(&tcp->base, reason);
    }
}

static void on_leg_closed(uv_handle_t *handle)
{
    struct tcp_leg *leg = handle->data;
    attempt_release(&leg->owner->base);
}

static void close_leg(struct tcp_leg *leg)
{
    if (!leg->open)
        return;
    leg->open = false;
    uv_close((uv_handle_t *)&leg->tcp, on_leg_closed);
}

/* A free port in the range that outgoing connections take theirs from can connect to itself. */
static bool is_own_echo(const struct tcp_leg *leg)
{
    struct sockaddr_storage own = {0};
    struct sockaddr_storage peer = {0};
    int own_length = sizeof(own);
    int peer_length = sizeof(peer);
    return uv_tcp_getsockname(&leg->tcp, (struct sockaddr *)&own, &own_length) == 0 &&
           uv_tcp_getpeername(&leg->tcp, (struct sockaddr *)&peer, &peer_length) == 0 &&
           own_length == peer_length && memcmp(&own, &peer, sizeof(own)) == 0;
}

static void on_connected(uv_connect_t *request, int status)
{
    struct tcp_leg *leg = request->data;
    if (status == UV_ECANCELED)
        return;
    if (status == 0 && is_own_echo(leg))
        status = UV_ECONNREFUSED;
    if (status == 0) {
        attempt_pass(&leg->owner->base, leg->address);
        return;
    }
    close_leg(leg);
    fail_leg(leg->owner, leg->address, status);
}

static void start_leg(struct tcp_attempt *tcp, struct tcp_leg *leg, const struct sockaddr *to,
                      const char *address)
{
    leg->owner = tcp;
    leg->address = address;
    int code = uv_tcp_init(tcp->base.context->loop, &leg->tcp);
    if (code == 0) {
        leg->tcp.data = leg;
        leg->connect.data = leg;
        leg->open = true;
        attempt_hold(&tcp->base);
        code = uv_tcp_connect(&leg->connect, &leg->tcp, to, on_connected);
    }
    if (code != 0) {
        close_leg(leg);
        fail_leg(tcp, address, code);
    }
}

static void start_loopbacks(struct tcp_attempt *tcp)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    uv_ip4_addr("127.0.0.1", tcp->base.plan->port, &four);
    uv_ip6_addr("::1", tcp->base.plan->port, &six);
    tcp->leg_count = 2;
    start_leg(tcp, &tcp->legs[0], (const struct sockaddr *)&four, "127.0.0.1");
    start_leg(tcp, &tcp->legs[1], (const struct sockaddr *)&six, "::1");
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct resolve *resolve = request->data;
    struct tcp_attempt *tcp = resolve->owner;
    if (tcp) {
        tcp->resolve = NULL;
        if (status == 0)
            start_leg(tcp, &tcp->legs[0], found->ai_addr, NULL);
        else
            attempt_fail(&tcp->base, text_format("the host %s is not known", tcp->base.plan->host));
    }
    uv_freeaddrinfo(found);
    free(resolve);
}

static void start_resolving(struct tcp_attempt *tcp)
{
    struct resolve *resolve = memory_new(1, sizeof(*resolve));
    char *port = text_format("%d", tcp->base.plan->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    resolve->owner = tcp;
    resolve->request.data = resolve;
    int code = uv_getaddrinfo(tcp->base.context->loop, &resolve->request, on_resolved, tcp->base.plan->host,
                              port, &hints);
    free(port);
    if (code == 0) {
        tcp->resolve = resolve;
        return;
    }
    free(resolve);
    attempt_fail(&tcp->base, text_format("the host %s is not valid", tcp->base.plan->host));
}

static void tcp_start(struct attempt *attempt)
{
    struct tcp_attempt *tcp = tcp_of(attempt);
    const char *host = attempt->plan->host;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (!host || strcasecmp(host, "localhost") == 0) {
        start_loopbacks(tcp);
        return;
    }
    tcp->leg_count = 1;
    if (uv_ip4_addr(host, attempt->plan->port, &four) == 0)
        start_leg(tcp, &tcp->legs[0], (const struct sockaddr *)&four, NULL);
    else if (uv_ip6_addr(host, attempt->plan->port, &six) == 0)
        start_leg(tcp, &tcp->legs[0], (const struct sockaddr *)&six, NULL);
    else
        start_resolving(tcp);
}

static void tcp_expire(struct attempt *attempt)
{
    struct tcp_attempt *tcp = tcp_of(attempt);
    char *where = where_text(tcp, tcp->leg_count == 2 ? "127.0.0.1" : NULL);
    char *time = attempt_time_text(attempt);
    attempt_fail(attempt, text_format("%s does not accept a connection in %s", where, time));
    free(time);
    free(where);
}

static void tcp_stop(struct attempt *attempt)
{
    struct tcp_attempt *tcp = tcp_of(attempt);
    for (size_t i = 0; i < tcp->leg_count; i++)
        close_leg(&tcp->legs[i]);
    if (tcp->resolve)
        tcp->resolve->owner = NULL;
    tcp->resolve = NULL;
}

static void tcp_finish(struct attempt *attempt)
{
    free(tcp_of(attempt)->reason);
}

const struct attempt_kind attempt_kind_tcp = {.size = sizeof(struct tcp_attempt),
                                              .start = tcp_start,
                                              .expire = tcp_expire,
                                              .stop = tcp_stop,
                                              .finish = tcp_finish};

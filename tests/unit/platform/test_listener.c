#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "platform/host.h"
#include "platform/listener.h"

/* Listens on a free port of the address; *port says which. */
static int listen_on(const char *address, int *port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    bool is_six = strchr(address, ':') != NULL;
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    *port = host_free_port();
    assert_true(*port > 0);
    six.sin6_port = four.sin_port = htons((uint16_t)*port);
    inet_pton(is_six ? AF_INET6 : AF_INET, address, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
    const struct sockaddr *name = is_six ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    if (bind(fd, name, is_six ? sizeof(six) : sizeof(four)) != 0 || listen(fd, 5) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void expect_found(const char *address, bool loopback)
{
    struct listener listener;
    int port;
    int fd = listen_on(address, &port);
    /* Machines without IPv6 have nothing to find. */
    if (fd < 0 && strchr(address, ':'))
        return;
    assert_true(fd >= 0);
    assert_true(listener_find(port, &listener));
    assert_int_equal(listener.pid, getpid());
    assert_int_equal(listener.user, getuid());
    assert_int_equal(listener.loopback, loopback);
    assert_string_equal(listener.program, "test_listener");
    char *text = listener_text(&listener);
    assert_non_null(strstr(text, "test_listener (pid "));
    free(text);
    close(fd);
    assert_false(listener_find(port, &listener));
}

static void whoever_takes_loopback_is_found(void **state)
{
    expect_found("127.0.0.1", true);
    expect_found("0.0.0.0", false);
    expect_found("::1", true);
    expect_found("::", false);
    expect_found("::ffff:127.0.0.1", true);
    expect_found("::ffff:0.0.0.0", false);
}

static void another_address_is_not_in_the_way(void **state)
{
    struct listener listener;
    int port;
    int fd = listen_on("127.0.0.2", &port);
    assert_true(fd >= 0);
    assert_false(listener_find(port, &listener));
    close(fd);
}

static void a_connection_is_no_listener(void **state)
{
    struct listener listener;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int port;
    int server = listen_on("127.0.0.1", &port);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(client, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(client, (struct sockaddr *)&address, &size), 0);
    assert_false(listener_find(ntohs(address.sin_port), &listener));
    close(client);
    close(server);
}

static void an_owner_that_cannot_be_read_is_told_by_its_user(void **state)
{
    char *text = listener_text(&(struct listener){.user = 1000});
    assert_string_equal(text, "a program of user 1000");
    free(text);
}

static void the_ports_of_processes_are_found(void **state)
{
    struct pid_list us = {0}, nobody = {0};
    struct listener listener;
    int port;
    int fd = listen_on("127.0.0.1", &port);
    pid_list_add(&us, getpid());
    assert_int_equal(listener_port_of(&us), port);
    assert_int_equal(listener_port_of(&nobody), 0);
    assert_true(listener_find_among(port, &us, &listener));
    assert_int_equal(listener.pid, getpid());
    close(fd);
    pid_list_finish(&us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_takes_loopback_is_found),
        cmocka_unit_test(another_address_is_not_in_the_way),
        cmocka_unit_test(a_connection_is_no_listener),
        cmocka_unit_test(an_owner_that_cannot_be_read_is_told_by_its_user),
        cmocka_unit_test(the_ports_of_processes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

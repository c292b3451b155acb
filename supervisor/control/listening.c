#include "listening.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "address.h"

/* As many as the system lets wait for accept; a burst of clients should not meet a full queue. */
#define BACKLOG 4096

static bool somebody_answers(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return false;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    bool answers = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN;
    close(fd);
    return answers;
}

static int clear_path(const char *path, struct error *error)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return 0;
    if (!S_ISSOCK(status.st_mode)) {
        error_set(error, ERROR_REFUSED, "%s is there and is no socket", path);
        error_remedy(error, "move it away, or choose another control.socket");
        return ERROR_REFUSED;
    }
    if (somebody_answers(path)) {
        error_set(error, ERROR_REFUSED, "another program answers on %s", path);
        error_remedy(error, "stop it, or choose another control.socket");
        return ERROR_REFUSED;
    }
    if (unlink(path) != 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot remove the stale socket %s", path);
    return 0;
}

static int check_path(const char *path, struct error *error)
{
    if (!address_fits(path)) {
        error_set(error, ERROR_INVALID, "the socket's path %s is too long", path);
        error_remedy(error, "choose a control.socket of at most %zu bytes", ADDRESS_SOCKET_MAX);
        return ERROR_INVALID;
    }
    struct address_world world = address_this_world();
    int result = address_secure_folder(path, &world, error);
    return result != 0 ? result : clear_path(path, error);
}

int listening_open(uv_pipe_t *pipe, const char *path, uv_connection_cb on_connection, struct error *error)
{
    int result = check_path(path, error);
    if (result != 0)
        return result;
    /* bind() gives the file its mode; a chmod afterwards would leave a moment in which others can connect. */
    mode_t mask = umask(0177);
    int problem = uv_pipe_bind(pipe, path);
    umask(mask);
    if (problem == 0)
        problem = uv_listen((uv_stream_t *)pipe, BACKLOG, on_connection);
    return problem == 0
               ? 0
               : error_set(error, ERROR_SYSTEM, "cannot listen on %s: %s", path, uv_strerror(problem));
}

#include "peer.h"

#include <sys/socket.h>

bool peer_of_socket(int fd, struct peer *peer)
{
    struct ucred credentials;
    socklen_t length = sizeof(credentials);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || length != sizeof(credentials))
        return false;
    *peer = (struct peer){.pid = credentials.pid, .uid = credentials.uid};
    return true;
}

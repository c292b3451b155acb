#include "url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"

/* What stands behind "scheme://", and how long the authority is. */
static const char *authority_of(const char *url, size_t *length)
{
    const char *mark = strstr(url, "://");
    const char *start = mark ? mark + 3 : url;
    *length = strcspn(start, "/?#");
    return start;
}

static size_t user_length(const char *authority, size_t length)
{
    for (size_t i = length; i > 0; i--)
        if (authority[i - 1] == '@')
            return i;
    return 0;
}

static bool read_port(const char *text, size_t length, int *port)
{
    if (length == 0 || length > 5 || strspn(text, "0123456789") < length)
        return false;
    *port = atoi(text);
    return *port <= 65535;
}

bool url_host_port(const char *url, int default_port, char **host, int *port)
{
    size_t length;
    const char *authority = authority_of(url, &length);
    size_t user = user_length(authority, length);
    authority += user;
    length -= user;
    bool bracket = length > 0 && authority[0] == '[';
    const char *host_start = authority + (bracket ? 1 : 0);
    size_t host_length = strcspn(host_start, bracket ? "]/?#" : ":/?#");
    const char *rest = host_start + host_length + (bracket && host_start[host_length] == ']' ? 1 : 0);
    size_t rest_length = (size_t)(authority + length - rest);
    *port = default_port;
    if (host_length == 0 || (rest_length > 1 && (*rest != ':' || !read_port(rest + 1, rest_length - 1, port))))
        return false;
    *host = memory_copy_bytes(host_start, host_length);
    return true;
}

bool url_host_is_loopback(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

char *url_origin(const char *url)
{
    size_t length;
    const char *authority = authority_of(url, &length);
    return text_format("%.*s", (int)(authority + length - url), url);
}

char *url_join(const char *base, const char *path)
{
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/')
        length--;
    return text_format("%.*s/%s", (int)length, base, path + strspn(path, "/"));
}

char *url_without_user(const char *url)
{
    size_t length;
    const char *authority = authority_of(url, &length);
    size_t user = user_length(authority, length);
    return text_format("%.*s%s", (int)(authority - url), url, authority + user);
}

#include "duration_text.h"

#include <inttypes.h>

#include "base/text.h"

char *duration_text(int64_t milliseconds)
{
    if (milliseconds < 1000)
        return text_format("%" PRId64 " ms", milliseconds);
    if (milliseconds % 1000 < 50 || milliseconds >= 10000)
        return text_format("%" PRId64 " s", milliseconds / 1000);
    return text_format("%" PRId64 ".%" PRId64 " s", milliseconds / 1000, milliseconds % 1000 / 100);
}

/* What the files of this room know of a profile and no one else does. */
#ifndef SIDECARD_PROFILE_PRIVATE_H
#define SIDECARD_PROFILE_PRIVATE_H

#include "base/document.h"
#include "profile.h"

struct profile {
    char *path; /* as the user gave it */
    enum document_format format;
    struct document *root;
};

/* Into file order; what was said of no line comes first. */
void problems_sort(struct problems *problems);

#endif

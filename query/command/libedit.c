#include "libedit.h"

#include <dlfcn.h>

bool libedit_open(const char *const *names, void **places, size_t count)
{
    void *library = dlopen("libedit.so.2", RTLD_NOW);

    for (size_t i = 0; library && i < count; i++) {
        places[i] = dlsym(library, names[i]);
        if (!places[i])
            library = NULL;
    }
    return library != NULL;
}

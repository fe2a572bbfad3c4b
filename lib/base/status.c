#include "lede.h"

const char *lede_version(void)
{
    return LEDE_VERSION;
}

const char *lede_status_name(enum lede_status status)
{
    static const char *const names[] = {
        [LEDE_OK] = "ok",
        [LEDE_NO_MEMORY] = "out of memory",
        [LEDE_INVALID] = "invalid",
        [LEDE_MISSING] = "missing",
        [LEDE_INCOMPATIBLE] = "incompatible",
        [LEDE_CORRUPT] = "corrupt",
        [LEDE_BUSY] = "busy",
        [LEDE_IO] = "input/output error",
        [LEDE_FULL] = "disk full",
        [LEDE_LIMIT] = "over a limit",
        [LEDE_INTERRUPTED] = "interrupted",
    };

    if ((unsigned)status >= sizeof names / sizeof names[0])
        return "unknown";
    return names[status];
}

#include "command/skip.h"

#include <stdio.h>

static const struct {
    const char *name, *text;
} REASONS[SKIP_REASONS] = {
    [SKIP_BAD_RECORD] = {"bad_record", "broken"},
    [SKIP_TOO_LARGE] = {"too_large", "too large"},
    [SKIP_BINARY] = {"binary", "binary"},
    [SKIP_UNREADABLE] = {"unreadable", "unreadable"},
    [SKIP_NOT_FILE] = {"not_a_file", "not a file"},
    [SKIP_OUTSIDE] = {"outside_base", "outside of --base"},
    [SKIP_REFUSED] = {"refused", "refused"},
    [SKIP_HIDDEN] = {"hidden", "hidden"},
    [SKIP_SYMLINK] = {"symlink", "symbolic links"},
    [SKIP_INDEX] = {"index", "a lede index"},
    [SKIP_NO_ARTICLE] = {"no_article", "no articles"},
};

const char *skip_reason_text(enum skip_reason reason)
{
    return REASONS[reason].text;
}

const char *skip_reason_name(enum skip_reason reason)
{
    return REASONS[reason].name;
}

bool skip_is_failure(const struct skip *skip)
{
    return (skip->named && skip->reason != SKIP_NO_ARTICLE) || skip->reason < SKIP_HIDDEN;
}

void skip_set(struct skip *skip, enum skip_reason reason, struct slice path, const char *message)
{
    *skip = (struct skip){.reason = reason, .path = path};
    (void)snprintf(skip->message, sizeof skip->message, "%s", message);
}

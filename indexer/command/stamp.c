#include "command/stamp.h"

#include <sys/stat.h>
#include <time.h>
#define XXH_STATIC_LINKING_ONLY /* the state on the stack */
#include <xxhash.h>

#include "base/lede_bytes.h"

/* NULL is another value than "". */
static void hash_text(XXH3_state_t *state, const char *text)
{
    uint8_t given = text != NULL;

    XXH3_64bits_update(state, &given, 1);
    if (text)
        XXH3_64bits_update(state, text, strlen(text) + 1);
}

uint32_t stamp_reading(const struct options *options)
{
    uint8_t format = (uint8_t)options->reading.format;
    XXH3_state_t state;

    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, &format, 1);
    for (int i = 0; i < MEMBER_COUNT; i++)
        hash_text(&state, options->reading.fields.members[i]);
    hash_text(&state, options->language);
    hash_text(&state, options->base);
    hash_text(&state, options->split_text);
    hash_text(&state, options->boilerplate_text);
    if (options->file_dates)
        hash_text(&state, "file-dates");
    return (uint32_t)XXH3_64bits_digest(&state);
}

bool stamp_take(const struct origin *origin, int fd, uint32_t reading, struct lede_source *source)
{
    struct stat about;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (slice_equal(origin->path, slice_str("-")) || fstat(fd, &about) != 0 ||
        !S_ISREG(about.st_mode) || about.st_size < 0 ||
        about.st_mtim.tv_sec > now.tv_sec - STAMP_AGE)
        return false;
    source->modified = (int64_t)about.st_mtim.tv_sec * 1000000000 + (int64_t)about.st_mtim.tv_nsec;
    source->path = bytes_of(origin->path);
    source->size = (uint64_t)about.st_size;
    source->reading = reading;
    return true;
}

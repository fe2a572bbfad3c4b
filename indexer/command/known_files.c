#include "command/known_files.h"

#include <sys/random.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "base/lede_bytes.h"
#include "index/segment.h"

void known_files_init(struct known_files *known, struct account *account)
{
    hash_map_init(&known->map, false, account);
    known->seed = 0;
    (void)getrandom(&known->seed, sizeof known->seed, GRND_NONBLOCK);
}

void known_files_done(struct known_files *known)
{
    hash_map_done(&known->map);
}

static uint64_t path_hash(const struct known_files *known, struct slice path)
{
    return XXH3_64bits_withSeed(path.data, path.size, known->seed);
}

/* Of a complete file: above the bits of its state, and never 0. The path is hashed anew, so that
 * two that share a key differ here. */
static uint64_t stamp_hash(struct slice path, const struct source_stamp *stamp)
{
    uint8_t bytes[20];
    XXH3_state_t state;

    store_le64(bytes, (uint64_t)stamp->modified);
    store_le64(bytes + 8, stamp->size);
    store_le32(bytes + 16, stamp->reading);
    XXH3_64bits_reset_withSeed(&state, 1);
    XXH3_64bits_update(&state, path.data, path.size);
    XXH3_64bits_update(&state, bytes, sizeof bytes);
    return XXH3_64bits_digest(&state) << 3 | 4;
}

/* ---- roots ---- */

static bool is_below(const char *root, struct slice path)
{
    size_t size = strlen(root);

    size -= size > 0 && root[size - 1] == '/';
    return path.size > size + 1 && memcmp(path.data, root, size) == 0 && path.data[size] == '/';
}

bool roots_have(const struct roots *roots, struct slice path)
{
    bool have = !roots;

    for (size_t i = 0; !have && i < roots->count; i++)
        have = is_below(roots->paths[i], path);
    return have;
}

/* A record may overrule an older one of its path. */
static void count_complete(struct roots *roots, struct slice path, bool before, bool now)
{
    for (size_t i = 0; roots && before != now && i < roots->count; i++)
        if (is_below(roots->paths[i], path))
            roots->complete[i] += now ? 1 : (size_t)-1;
}

/* ---- loading ---- */

static enum lede_status note(struct known_files *known, const struct source_file *file,
                             struct roots *roots, struct lede_error *err)
{
    uint64_t *noted;

    if (!roots_have(roots, file->path))
        return LEDE_OK;
    noted = hash_map_add(&known->map, path_hash(known, file->path));
    if (!noted)
        return error_set(err, LEDE_NO_MEMORY,
                         "the index has articles of too many files for the memory; raise --memory");
    count_complete(roots, file->path, known_is_complete(noted), file->complete);
    *noted = file->complete ? stamp_hash(file->path, &file->stamp) : 0;
    return LEDE_OK;
}

static enum lede_status load_segment(struct known_files *known, struct segment *segment,
                                     struct roots *roots, struct lede_error *err)
{
    struct source_file_cursor cursor;
    struct source_file file;
    enum lede_status status =
        source_file_cursor_init(&cursor, &segment->streams[STREAM_SOURCES], err);

    while (status == LEDE_OK) {
        status = source_file_cursor_next(&cursor, &file, err);
        if (status == LEDE_OK)
            status = note(known, &file, roots, err);
    }
    source_file_cursor_done(&cursor);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

enum lede_status known_files_load(struct known_files *known, const char *index, struct roots *roots,
                                  struct lede_error *err)
{
    struct snapshot *snapshot = NULL;
    enum lede_status status = snapshot_open(index, &snapshot, err);

    for (size_t i = 0; status == LEDE_OK && i < snapshot->segment_count; i++)
        status = load_segment(known, &snapshot->segments[i], roots, err);
    snapshot_close(snapshot);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* ---- asking ---- */

uint64_t *known_files_find(const struct known_files *known, struct slice path)
{
    return hash_map_find(&known->map, path_hash(known, path));
}

void known_files_settle(struct known_files *known, struct slice path)
{
    uint64_t *file = hash_map_add(&known->map, path_hash(known, path));

    if (file)
        known_set_state(file, FILE_SETTLED);
}

bool known_is_unchanged(const uint64_t *file, const struct lede_source *now)
{
    struct source_stamp stamp = {now->modified, now->size, now->reading};

    return (*file & ~(uint64_t)3) == stamp_hash(slice_from(now->path), &stamp);
}

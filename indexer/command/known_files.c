#include "command/known_files.h"

#include <sys/random.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "base/lede_bytes.h"
#include "index/segment.h"

enum { NEW_SIZE = 32 }; /* most bytes that a new file takes, while their set grows */

void known_files_init(struct known_files *known, size_t memory, const char *directory,
                      struct account *account)
{
    record_table_init(&known->table, false, memory / 2, directory, account);
    hash_set_init(&known->new_files, account);
    known->new_most = memory / 2 / NEW_SIZE;
    known->seed = 0;
    (void)getrandom(&known->seed, sizeof known->seed, GRND_NONBLOCK);
}

void known_files_done(struct known_files *known)
{
    record_table_done(&known->table);
    hash_set_done(&known->new_files);
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

/* ---- source records ---- */

static enum lede_status visit_segment(struct segment *segment, record_visitor *visit, void *context,
                                      bool *last, struct lede_error *err)
{
    struct source_file_cursor cursor;
    struct source_file file;
    enum lede_status status =
        source_file_cursor_init(&cursor, &segment->streams[STREAM_SOURCES], err);

    while (status == LEDE_OK && !*last) {
        status = source_file_cursor_next(&cursor, &file, err);
        if (status == LEDE_OK)
            status = visit(context, &file, last, err);
    }
    source_file_cursor_done(&cursor);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

enum lede_status known_files_visit(const char *index, record_visitor *visit, void *context,
                                   struct lede_error *err)
{
    struct snapshot *snapshot = NULL;
    bool last = false;
    enum lede_status status = snapshot_open(index, &snapshot, err);

    for (size_t i = 0; status == LEDE_OK && !last && i < snapshot->segment_count; i++)
        status = visit_segment(&snapshot->segments[i], visit, context, &last, err);
    snapshot_close(snapshot);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

struct loading {
    struct known_files *known;
    const struct roots *roots;
};

static enum lede_status note(void *context, const struct source_file *file, bool *last,
                             struct lede_error *err)
{
    struct loading *loading = context;

    (void)last;
    if (!roots_have(loading->roots, file->path))
        return LEDE_OK;
    return record_table_add(&loading->known->table, path_hash(loading->known, file->path),
                            file->complete ? stamp_hash(file->path, &file->stamp) : 0, err);
}

enum lede_status known_files_load(struct known_files *known, const char *index,
                                  const struct roots *roots, struct lede_error *err)
{
    struct loading loading = {known, roots};
    enum lede_status status = known_files_visit(index, note, &loading, err);

    return status == LEDE_OK ? record_table_finish(&known->table, err) : status;
}

struct looking {
    struct known_files *known;
    struct roots root;
    bool found;
};

static enum lede_status look(void *context, const struct source_file *file, bool *last,
                             struct lede_error *err)
{
    struct looking *looking = context;
    struct known_file known;
    enum lede_status status;

    if (!roots_have(&looking->root, file->path))
        return LEDE_OK;
    status = known_files_find(looking->known, file->path, &known, err);
    *last = looking->found = status == LEDE_OK && known_is_complete(&known);
    return status;
}

enum lede_status known_files_below(struct known_files *known, const char *index, char *directory,
                                   bool *below, struct lede_error *err)
{
    struct looking looking = {known, {&directory, 1}, false};
    enum lede_status status = known_files_visit(index, look, &looking, err);

    *below = looking.found;
    return status;
}

/* ---- asking ---- */

enum lede_status known_files_find(struct known_files *known, struct slice path,
                                  struct known_file *file, struct lede_error *err)
{
    uint64_t hash = path_hash(known, path);
    enum lede_status status;

    *file = (struct known_file){.known = false};
    status = record_table_find(&known->table, hash, &file->known, &file->place, err);
    if (status == LEDE_OK && file->known)
        status = record_table_get(&known->table, file->place, &file->number, err);
    file->met =
        file->known ? known_state(file) != FILE_UNMET : hash_set_has(&known->new_files, hash);
    return status;
}

enum lede_status known_files_set(struct known_files *known, struct known_file *file,
                                 enum file_state state, struct lede_error *err)
{
    file->met = true;
    file->number = (file->number & ~(uint64_t)3) | (uint64_t)state;
    return record_table_set(&known->table, file->place, file->number, err);
}

enum lede_status known_files_settle(struct known_files *known, struct slice path,
                                    struct known_file *file, struct lede_error *err)
{
    if (file->known)
        return known_files_set(known, file, FILE_SETTLED, err);
    if (known->new_files.count < known->new_most)
        (void)hash_set_add(&known->new_files, path_hash(known, path));
    return LEDE_OK;
}

enum lede_status known_files_settle_gone(struct known_files *known, struct lede_error *err)
{
    struct known_file file = {.known = true};
    enum lede_status status = LEDE_OK;

    for (; file.place < known->table.count && status == LEDE_OK; file.place++) {
        status = record_table_get(&known->table, file.place, &file.number, err);
        if (status == LEDE_OK && known_state(&file) >= FILE_REREAD)
            status = known_files_set(known, &file, FILE_SETTLED, err);
    }
    return status;
}

bool known_is_unchanged(const struct known_file *file, const struct lede_source *now)
{
    struct source_stamp stamp = {now->modified, now->size, now->reading};

    return known_is_complete(file) &&
           (file->number & ~(uint64_t)3) == stamp_hash(slice_from(now->path), &stamp);
}

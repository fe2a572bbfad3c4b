#include "command/unpacker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "command/archive_entries.h"
#include "command/file_kind.h"
#include "command/repeats.h"

/* The file is level 0; an entry of the archive of a level is the next one. */
struct level {
    struct input *input;
    struct archive_entries *entries; /* NULL: no archive, or not known yet */
    enum archive_kind kind;
    uint64_t met;           /* of its entries */
    struct buffer path, id; /* of an entry; the path's NUL is in it */
    struct origin origin;
};

struct unpacker {
    struct level levels[UNPACKER_DEPTH + 1];
    size_t archives; /* levels that are open as archives: those below */
    bool fresh;      /* level 0 was not looked at yet */
    bool in_file;    /* the level above them was given */
    struct repeats repeats;
    struct expansion expansion;
    uint64_t entries, bytes; /* entries met; bytes of files that are done with */
    int fd;                  /* to be opened; -1: memory */
    struct slice memory;
    size_t step;
};

/* ---- its life ---- */

enum lede_status unpacker_new(size_t memory, struct unpacker **out, struct lede_error *err)
{
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);
    enum lede_status status;

    if (!unpacker)
        return error_no_memory(err);
    repeats_init(&unpacker->repeats);
    for (size_t i = 0; i <= UNPACKER_DEPTH; i++) {
        buffer_init(&unpacker->levels[i].path, NULL);
        buffer_init(&unpacker->levels[i].id, NULL);
    }
    unpacker->fd = -1;
    status = input_new(&unpacker->levels[0].input, err);
    if (status != LEDE_OK) {
        unpacker_free(unpacker);
        return status;
    }
    unpacker->expansion.memory = memory;
    unpacker->expansion.file = unpacker->levels[0].input;
    input_limit(unpacker->levels[0].input, &unpacker->expansion);
    *out = unpacker;
    return LEDE_OK;
}

/* Leaves the archive that was entered last, and what was read of it. */
static void leave(struct unpacker *unpacker)
{
    struct level *inner = &unpacker->levels[unpacker->archives--];
    struct level *level = &unpacker->levels[unpacker->archives];

    input_free(inner->input);
    inner->input = NULL;
    archive_entries_close(level->entries);
    level->entries = NULL;
    input_close(level->input);
}

void unpacker_free(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    while (unpacker->archives > 0)
        leave(unpacker);
    input_free(unpacker->levels[0].input);
    for (size_t i = 0; i <= UNPACKER_DEPTH; i++) {
        buffer_done(&unpacker->levels[i].path);
        buffer_done(&unpacker->levels[i].id);
    }
    repeats_done(&unpacker->repeats);
    free(unpacker);
}

static void start(struct unpacker *unpacker, const struct origin *origin)
{
    while (unpacker->archives > 0)
        leave(unpacker);
    unpacker->levels[0].origin = *origin;
    unpacker->fresh = true;
    unpacker->in_file = false;
    unpacker->entries = unpacker->bytes = unpacker->expansion.bytes = 0;
    repeats_clear(&unpacker->repeats);
}

void unpacker_start(struct unpacker *unpacker, int fd, const struct origin *origin)
{
    start(unpacker, origin);
    unpacker->fd = fd;
}

void unpacker_start_memory(struct unpacker *unpacker, struct slice bytes, size_t step,
                           const struct origin *origin)
{
    start(unpacker, origin);
    unpacker->fd = -1;
    unpacker->memory = bytes;
    unpacker->step = step;
}

/* ---- names ---- */

/* The next part of a name between slashes; false: there is none. */
static bool next_part(struct slice *name, struct slice *part)
{
    const uint8_t *slash;
    size_t size, passed;

    if (name->size == 0)
        return false;
    slash = memchr(name->data, '/', name->size);
    size = slash ? (size_t)(slash - name->data) : name->size;
    passed = size + (slash != NULL);
    *part = slice_of(name->data, size);
    *name = slice_of(name->data + passed, name->size - passed);
    return true;
}

static bool is_dots(struct slice part)
{
    return slice_equal(part, slice_str(".")) || slice_equal(part, slice_str(".."));
}

/* Appends name without what would lead elsewhere; true if a part of it is hidden. */
static bool put_name(struct buffer *out, struct slice name)
{
    size_t begin = out->size;
    bool hidden = false;
    struct slice part;

    while (next_part(&name, &part)) {
        if (part.size == 0 || is_dots(part))
            continue;
        hidden |= part.data[0] == '.';
        if (out->size > begin)
            buffer_byte(out, '/');
        buffer_put(out, part.data, part.size);
    }
    if (out->size == begin)
        buffer_str(out, "unnamed");
    return hidden;
}

/* Names the level of an entry; true in *hidden if one would not see it in a folder. */
static enum lede_status name_level(struct unpacker *unpacker, struct slice name, bool *hidden,
                                   struct lede_error *err)
{
    const struct origin *outer = &unpacker->levels[unpacker->archives - 1].origin;
    struct level *level = &unpacker->levels[unpacker->archives];
    size_t begin = unpacker->levels[0].origin.path.size;
    uint32_t count;

    buffer_clear(&level->path);
    buffer_put(&level->path, outer->path.data, outer->path.size);
    buffer_byte(&level->path, '!');
    *hidden = put_name(&level->path, name);
    count = level->path.failed
                ? 0
                : repeats_add(&unpacker->repeats,
                              slice_of(level->path.data + begin, level->path.size - begin));
    if (count > 1)
        buffer_printf(&level->path, "#%u", count);
    buffer_clear(&level->id);
    buffer_put(&level->id, outer->id.data, outer->id.size);
    buffer_put(&level->id, level->path.data + outer->path.size,
               level->path.size - outer->path.size);
    buffer_byte(&level->path, '\0');
    if (count == 0 || level->path.failed || level->id.failed)
        return error_no_memory(err);
    level->origin = (struct origin){slice_of(level->path.data, level->path.size - 1),
                                    buffer_bytes(&level->id), false};
    return LEDE_OK;
}

/* ---- skips ---- */

static enum lede_status skip_level(const struct level *level, enum skip_reason reason,
                                   const char *message, struct unpacked *unpacked)
{
    unpacked->kind = UNPACKED_SKIP;
    skip_set(&unpacked->skip, reason, level->origin.path, message);
    unpacked->skip.named = level->origin.named;
    return LEDE_OK;
}

/* What is wrong with a file is a skip; LEDE_NO_MEMORY and LEDE_INTERRUPTED end the run. */
static enum lede_status fail(const struct level *level, enum lede_status status,
                             const struct lede_error *error, struct unpacked *unpacked,
                             struct lede_error *err)
{
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", error->text);
    return skip_level(level, SKIP_UNREADABLE, error->text, unpacked);
}

/* ---- files ---- */

/* A line, or HEAD_SIZE bytes: of a slow pipe no more than is needed to tell what it gives. */
static enum lede_status peek_head(struct input *input, struct slice *head, struct lede_error *err)
{
    size_t seen = 0;
    enum lede_status status;

    do {
        status = input_peek(input, seen + 1, head, err);
        if (head->size == seen)
            break;
        seen = head->size;
    } while (seen < HEAD_SIZE && !memchr(head->data, '\n', seen));
    if (seen > 0 && seen < ARCHIVE_HEAD && memchr(head->data, 0, seen))
        status = input_peek(input, ARCHIVE_HEAD, head, err);
    /* What comes before an error is read, and the error is met again there. */
    if (head->size > 0 && status != LEDE_NO_MEMORY && status != LEDE_INTERRUPTED)
        status = LEDE_OK;
    return status;
}

static enum lede_status enter(struct unpacker *unpacker, enum archive_kind kind,
                              struct unpacked *unpacked, struct lede_error *err)
{
    struct level *level = &unpacker->levels[unpacker->archives], *inner = level + 1;
    struct lede_error error;
    enum lede_status status;

    if (unpacker->archives == UNPACKER_DEPTH)
        return skip_level(level, SKIP_TOO_LARGE,
                          "an archive in too many archives: unpack it, and add what is in it",
                          unpacked);
    status = archive_entries_open(kind, level->input, (const char *)level->origin.path.data,
                                  &level->entries, &error);
    if (status != LEDE_OK)
        return fail(level, status, &error, unpacked, err);
    status = input_new(&inner->input, err);
    if (status != LEDE_OK) {
        archive_entries_close(level->entries);
        level->entries = NULL;
        return status;
    }
    input_limit(inner->input, &unpacker->expansion);
    level->kind = kind;
    level->met = 0;
    unpacker->archives++;
    return LEDE_OK;
}

/* Looks at the level that was opened last: it is given, skipped, or entered, which leaves
 * unpacked as it is. */
static enum lede_status examine(struct unpacker *unpacker, struct unpacked *unpacked,
                                struct lede_error *err)
{
    struct level *level = &unpacker->levels[unpacker->archives];
    size_t path = unpacker->levels[0].origin.path.size;
    struct lede_error error;
    enum archive_kind kind;
    enum lede_status status = peek_head(level->input, &unpacked->head, &error);

    if (status != LEDE_OK)
        return fail(level, status, &error, unpacked, err);
    if (archive_recognizes(unpacked->head, &kind))
        return enter(unpacker, kind, unpacked, err);
    unpacked->kind = UNPACKED_FILE;
    unpacked->input = level->input;
    unpacked->origin = &level->origin;
    if (unpacker->archives > 0)
        unpacked->entry =
            slice_of(level->origin.path.data + path + 1, level->origin.path.size - path - 1);
    unpacker->in_file = true;
    return LEDE_OK;
}

static enum lede_status open_file(struct unpacker *unpacker, struct unpacked *unpacked,
                                  struct lede_error *err)
{
    struct level *level = &unpacker->levels[0];
    const char *name = (const char *)level->origin.path.data;
    struct lede_error error;
    int fd = unpacker->fd;
    enum lede_status status;

    unpacker->fresh = false;
    unpacker->fd = -1;
    status = fd < 0
                 ? input_open_memory(level->input, unpacker->memory, name, unpacker->step, &error)
                 : input_open(level->input, fd, name, &error);
    if (status != LEDE_OK)
        return fail(level, status, &error, unpacked, err);
    return examine(unpacker, unpacked, err);
}

/* ---- entries ---- */

/* Files that are zips only for those who know them begin so. */
static bool is_document(struct slice name)
{
    static const char *const firsts[] = {"mimetype", "[Content_Types].xml", "_rels/.rels",
                                         "docProps/app.xml"};

    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
        if (slice_equal(name, slice_str(firsts[i])))
            return true;
    return slice_begins(name, slice_str("META-INF/"));
}

static enum lede_status open_entry(struct unpacker *unpacker, struct unpacked *unpacked,
                                   struct lede_error *err)
{
    struct level *level = &unpacker->levels[unpacker->archives];
    struct lede_error error;
    enum lede_status status =
        input_open_giver(level->input, archive_entries_read, (level - 1)->entries,
                         (const char *)level->origin.path.data, &error);

    if (status != LEDE_OK)
        return fail(level, status, &error, unpacked, err);
    return examine(unpacker, unpacked, err);
}

static enum lede_status take_entry(struct unpacker *unpacker, const struct archive_item *item,
                                   struct unpacked *unpacked, struct lede_error *err)
{
    static const struct {
        enum skip_reason reason;
        const char *message;
    } skips[] = {[ENTRY_SYMLINK] = {SKIP_SYMLINK, "a symbolic link in an archive"},
                 [ENTRY_HARD_LINK] = {SKIP_SYMLINK, "a link to another entry of the archive"},
                 [ENTRY_SPECIAL] = {SKIP_NOT_FILE, "a FIFO, socket or device in an archive"}};
    const struct level *level = &unpacker->levels[unpacker->archives];
    bool hidden;
    enum lede_status status;

    if (item->kind == ENTRY_UNREADABLE && item->name.size == 0)
        return skip_level(level - 1, SKIP_UNREADABLE, item->complaint, unpacked);
    if (item->name.size > UNPACKER_NAME)
        return skip_level(level - 1, SKIP_REFUSED, "the name of an entry is too long", unpacked);
    status = name_level(unpacker, item->name, &hidden, err);
    if (status != LEDE_OK)
        return status;
    if (item->kind == ENTRY_UNREADABLE)
        return skip_level(level, SKIP_UNREADABLE, item->complaint, unpacked);
    if (item->kind != ENTRY_FILE)
        return skip_level(level, skips[item->kind].reason, skips[item->kind].message, unpacked);
    if (hidden)
        return skip_level(level, SKIP_HIDDEN, "hidden", unpacked);
    return open_entry(unpacker, unpacked, err);
}

/* The archive that was entered last is done with, for a reason that is its skip. */
static enum lede_status give_up(struct unpacker *unpacker, enum skip_reason reason,
                                const char *message, struct unpacked *unpacked)
{
    leave(unpacker);
    return skip_level(&unpacker->levels[unpacker->archives], reason, message, unpacked);
}

static enum lede_status next_entry(struct unpacker *unpacker, struct unpacked *unpacked,
                                   struct lede_error *err)
{
    struct level *outer = &unpacker->levels[unpacker->archives - 1];
    struct archive_item item;
    struct lede_error error = {.text = ""};
    enum lede_status status = archive_entries_next(outer->entries, &item, &error);

    if (status == LEDE_MISSING) {
        leave(unpacker);
        return LEDE_OK;
    }
    if (status != LEDE_OK) {
        leave(unpacker);
        return fail(outer, status, &error, unpacked, err);
    }
    if (++unpacker->entries > UNPACKER_ENTRIES)
        return give_up(unpacker, SKIP_TOO_LARGE, "too many entries: split the archive", unpacked);
    if (outer->met++ == 0 && outer->kind == ARCHIVE_ZIP && is_document(item.name))
        return give_up(unpacker, SKIP_BINARY, "a document or program that is packed as a zip",
                       unpacked);
    return item.kind == ENTRY_FOLDER ? LEDE_OK : take_entry(unpacker, &item, unpacked, err);
}

enum lede_status unpacker_next(struct unpacker *unpacker, struct unpacked *unpacked,
                               struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *unpacked = (struct unpacked){.kind = UNPACKED_END};
    if (unpacker->in_file && unpacker->archives > 0) {
        unpacker->bytes += input_offset(unpacker->levels[unpacker->archives].input);
        unpacker->in_file = false;
    }
    if (unpacker->fresh)
        status = open_file(unpacker, unpacked, err);
    while (status == LEDE_OK && unpacked->kind == UNPACKED_END && unpacker->archives > 0)
        status = next_entry(unpacker, unpacked, err);
    return status;
}

uint64_t unpacker_raw_bytes(const struct unpacker *unpacker)
{
    return input_raw_read(unpacker->levels[0].input);
}

uint64_t unpacker_bytes(const struct unpacker *unpacker)
{
    uint64_t in_file =
        unpacker->in_file ? input_offset(unpacker->levels[unpacker->archives].input) : 0;

    return unpacker->bytes + in_file;
}

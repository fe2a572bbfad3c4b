#include "tests/fault/disk.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "tests/command_runner.h"

enum { FILES = 512, NAMES = 64, NAME_MAX_SIZE = 128, SECTOR = 512 };

/* ---- the journal ---- */

void journal_read(struct journal *journal, const char *path)
{
    size_t size, at = 0;

    journal->bytes = runner_read(path, &size);
    journal->count = 0;
    journal->records = malloc(size / sizeof **journal->records * sizeof *journal->records + 8);
    cr_assert_not_null(journal->records);
    while (at < size) {
        struct shim_record record; /* what follows a record is not aligned */

        memcpy(&record, journal->bytes + at, sizeof record);
        journal->records[journal->count++] = (const void *)(journal->bytes + at);
        at += sizeof record + record.size;
    }
    cr_assert_eq(at, size);
}

void journal_done(struct journal *journal)
{
    free(journal->bytes);
    free(journal->records);
}

void journal_mark(const char *path, unsigned acknowledged, unsigned begun)
{
    struct shim_record record = {RECORD_MARK, 0, begun, acknowledged, 0};
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    cr_assert_eq(write(file, &record, sizeof record), (ssize_t)sizeof record);
    (void)close(file);
}

static struct shim_record record_of(const struct journal *journal, size_t number,
                                    const char **behind)
{
    struct shim_record record;

    memcpy(&record, journal->records[number], sizeof record);
    *behind = (const char *)journal->records[number] + sizeof record;
    return record;
}

/* ---- files ---- */

struct file {
    uint64_t inode;
    char *bytes; /* as on the disk */
    size_t size, capacity;
    size_t *pending; /* records since the last sync */
    size_t pending_count, pending_capacity;
};

struct name {
    char name[NAME_MAX_SIZE];
    uint64_t inode; /* 0: a directory */
};

struct disk {
    const struct journal *journal;
    struct file files[FILES];
    size_t file_count;
    struct name names[NAMES]; /* as on the disk */
    size_t name_count;
    size_t pending[1024]; /* records of names, whose directory was not synced since */
    size_t pending_count;
};

static struct file *file_of(struct disk *disk, uint64_t inode)
{
    for (size_t i = 0; i < disk->file_count; i++)
        if (disk->files[i].inode == inode)
            return &disk->files[i];
    cr_assert(disk->file_count < FILES);
    disk->files[disk->file_count].inode = inode;
    return &disk->files[disk->file_count++];
}

static void resize(struct file *file, size_t size)
{
    if (size > file->capacity) {
        file->capacity = 2 * size;
        file->bytes = realloc(file->bytes, file->capacity);
        cr_assert_not_null(file->bytes);
    }
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
}

/* The bytes [from, to) of a write reach the disk. */
static void apply_part(struct file *file, const struct shim_record *record, const char *data,
                       size_t from, size_t to)
{
    if (to <= from)
        return;
    if (record->offset + to > file->size)
        resize(file, record->offset + to);
    memcpy(file->bytes + record->offset + from, data + from, to - from);
}

static void apply(struct disk *disk, struct file *file, size_t number)
{
    const char *data;
    struct shim_record record = record_of(disk->journal, number, &data);

    if (record.kind == RECORD_TRUNCATE)
        resize(file, record.offset);
    else
        apply_part(file, &record, data, 0, record.size);
}

static void put_pending(struct file *file, size_t number)
{
    if (file->pending_count == file->pending_capacity) {
        file->pending_capacity = 2 * file->pending_capacity + 16;
        file->pending = realloc(file->pending, file->pending_capacity * sizeof *file->pending);
        cr_assert_not_null(file->pending);
    }
    file->pending[file->pending_count++] = number;
}

static void sync_all(struct disk *disk, struct file *file)
{
    for (size_t i = 0; i < file->pending_count; i++)
        apply(disk, file, file->pending[i]);
    file->pending_count = 0;
}

/* Each sector of a write by itself. */
static void apply_sectors(struct disk *disk, struct file *file, size_t number, struct dice *dice)
{
    const char *data;
    struct shim_record record = record_of(disk->journal, number, &data);

    for (size_t at = 0, end; at < record.size; at = end) {
        end = ((record.offset + at) / SECTOR + 1) * SECTOR - record.offset;
        end = end < record.size ? end : record.size;
        if (dice_below(dice, 2))
            apply_part(file, &record, data, at, end);
    }
}

/* The first sectors of a write. */
static void apply_torn(struct disk *disk, struct file *file, size_t number, struct dice *dice)
{
    const char *data;
    struct shim_record record = record_of(disk->journal, number, &data);
    size_t sectors = record.size / SECTOR;

    apply_part(file, &record, data, 0, dice_below(dice, (uint32_t)sectors + 1) * SECTOR);
}

/* What of a file's pending records is on the disk after the cut. */
static void cut_file(struct disk *disk, struct file *file, enum loss loss, struct dice *dice)
{
    size_t chosen = file->pending_count ? dice_below(dice, (uint32_t)file->pending_count) : 0;

    for (size_t i = 0; i < file->pending_count; i++) {
        size_t number = file->pending[i];
        const char *data;
        struct shim_record record = record_of(disk->journal, number, &data);
        bool kept = record.synced || loss == LOSS_NONE || (loss == LOSS_TAIL && i < chosen) ||
                    (loss == LOSS_WRITES && dice_below(dice, 2)) ||
                    (loss == LOSS_ONE_LEFT && i == chosen) ||
                    (loss == LOSS_SECTORS && record.kind == RECORD_TRUNCATE && dice_below(dice, 2));

        if (kept)
            apply(disk, file, number);
        else if (loss == LOSS_SECTORS && record.kind == RECORD_WRITE)
            apply_sectors(disk, file, number, dice);
        else if (loss == LOSS_TAIL && i == chosen && record.kind == RECORD_WRITE)
            apply_torn(disk, file, number, dice);
    }
}

/* ---- names ---- */

static size_t name_place(const struct disk *disk, const char *name)
{
    size_t place = 0;

    while (place < disk->name_count && strcmp(disk->names[place].name, name) != 0)
        place++;
    return place;
}

static void set_name(struct disk *disk, const char *name, uint64_t inode)
{
    size_t place = name_place(disk, name);

    cr_assert(place < NAMES && strlen(name) < NAME_MAX_SIZE);
    (void)strcpy(disk->names[place].name, name);
    disk->names[place].inode = inode;
    disk->name_count += place == disk->name_count;
}

static uint64_t take_name(struct disk *disk, const char *name)
{
    size_t place = name_place(disk, name);
    uint64_t inode;

    if (place == disk->name_count)
        return 0;
    inode = disk->names[place].inode;
    disk->names[place] = disk->names[--disk->name_count];
    return inode;
}

static void apply_name(struct disk *disk, size_t number)
{
    const char *name;
    struct shim_record record = record_of(disk->journal, number, &name);

    if (record.kind == RECORD_CREATE || record.kind == RECORD_MKDIR)
        set_name(disk, name, record.file);
    else if (record.kind == RECORD_UNLINK)
        (void)take_name(disk, name);
    else
        set_name(disk, name + strlen(name) + 1, take_name(disk, name));
}

static bool is_in(const char *name, const char *directory)
{
    size_t size = strlen(directory);

    return strncmp(name, directory, size) == 0 && name[size] == '/' &&
           !strchr(name + size + 1, '/');
}

static void sync_names(struct disk *disk, const char *directory)
{
    size_t left = 0;

    for (size_t i = 0; i < disk->pending_count; i++) {
        const char *name;

        (void)record_of(disk->journal, disk->pending[i], &name);
        if (is_in(name, directory))
            apply_name(disk, disk->pending[i]);
        else
            disk->pending[left++] = disk->pending[i];
    }
    disk->pending_count = left;
}

static void cut_names(struct disk *disk, enum loss loss, struct dice *dice)
{
    size_t kept = dice_below(dice, (uint32_t)disk->pending_count + 1);

    kept = loss == LOSS_NONE ? disk->pending_count : loss == LOSS_ALL ? 0 : kept;
    for (size_t i = 0; i < kept; i++)
        apply_name(disk, disk->pending[i]);
}

/* ---- all of it ---- */

static void play(struct disk *disk, size_t number, unsigned *acknowledged, unsigned *begun)
{
    const char *behind;
    struct shim_record record = record_of(disk->journal, number, &behind);

    switch ((enum shim_record_kind)record.kind) {
    case RECORD_CREATE: /* of an inode that another file had, perhaps */
        file_of(disk, record.file)->size = 0;
        file_of(disk, record.file)->pending_count = 0;
        /* fall through */
    case RECORD_RENAME:
    case RECORD_UNLINK:
    case RECORD_MKDIR:
        cr_assert(disk->pending_count < sizeof disk->pending / sizeof *disk->pending);
        disk->pending[disk->pending_count++] = number;
        break;
    case RECORD_WRITE:
    case RECORD_TRUNCATE:
        put_pending(file_of(disk, record.file), number);
        break;
    case RECORD_SYNC:
        sync_all(disk, file_of(disk, record.file));
        break;
    case RECORD_SYNC_DIRECTORY:
        sync_names(disk, behind);
        break;
    case RECORD_MARK:
        *acknowledged = (unsigned)record.offset;
        *begun = (unsigned)record.file;
        break;
    }
}

/* Directories come before what is in them, as they were made. */
static void write_names(struct disk *disk, const char *directory)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < disk->name_count; i++) {
        const struct name *name = &disk->names[i];

        (void)snprintf(path, sizeof path, "%s%s", directory, name->name);
        if (name->inode == 0) {
            cr_assert(mkdir(path, 0755) == 0 || errno == EEXIST, "%s", path);
        } else if (access(path, F_OK) != 0) {
            const struct file *file = file_of(disk, name->inode);
            int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

            if (fd < 0) /* its directory is not there */
                continue;
            cr_assert_eq(write(fd, file->bytes, file->size), (ssize_t)file->size);
            (void)close(fd);
        }
    }
}

static void remove_made(const char *directory)
{
    static const char *const names[] = {"made/index/data.mdb", "made/index/data.mdb.new",
                                        "made/index/lock.mdb", "made/index/lede.lock",
                                        "made/index",          "made"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        cr_assert(remove(path) == 0 || errno == ENOENT || errno == ENOTDIR, "%s", path);
    }
}

void disk_make(const struct journal *journal, size_t records, enum loss loss, struct dice *dice,
               const char *directory, unsigned *acknowledged, unsigned *begun)
{
    struct disk *disk = calloc(1, sizeof *disk);

    cr_assert_not_null(disk);
    disk->journal = journal;
    for (size_t i = 0; i < records; i++)
        play(disk, i, acknowledged, begun);
    for (size_t i = 0; i < disk->file_count; i++)
        cut_file(disk, &disk->files[i], loss, dice);
    cut_names(disk, loss, dice);
    remove_made(directory);
    write_names(disk, directory);
    for (size_t i = 0; i < disk->file_count; i++) {
        free(disk->files[i].bytes);
        free(disk->files[i].pending);
    }
    free(disk);
}

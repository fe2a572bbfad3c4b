#include "command/archive_entries.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* libarchive takes 12 bytes for one of a list of holes, 5 for one of a directory. */
enum {
    HEADERS_MOST = 2 * 1024 * 1024,
    DIRECTORY_MOST = 4 * 1024 * 1024,
    ZIP_END = 22,           /* bytes of what stands behind the directory, but for a comment */
    ZIP_TAIL = 16 * 1024,   /* of the file, in which libarchive looks for that */
    GIVEN_MOST = 64 * 1024, /* bytes that one call hands to libarchive */
    TAR_CHECKSUM = 148,     /* where it is in a header, in octal digits, and its bytes */
    TAR_CHECKSUM_SIZE = 8
};

struct archive_entries {
    struct archive *archive;
    struct input *input;
    const char *name;
    enum archive_kind kind;
    size_t given;   /* bytes ahead that libarchive has seen, to be skipped with the next read */
    uint64_t taken; /* bytes since something came out */
    bool passing;   /* an entry's bytes are passed over: any number of them */
    enum lede_status failure; /* of the input, or a limit; sticky */
    struct lede_error failure_error;
    locale_t locale; /* names are UTF-8; 0: could not be had */
    const uint8_t *block;
    size_t block_size;
    int64_t position; /* in the entry, behind the block */
    bool ended;       /* the entry */
    bool lost;        /* the last header made no sense */
};

/* ---- which archive ---- */

/* The sum of a header's bytes with blanks in the place of the sum. */
static uint32_t tar_sum(const uint8_t *head)
{
    uint32_t sum = 0;

    for (int i = 0; i < ARCHIVE_HEAD; i++)
        sum += i >= TAR_CHECKSUM && i < TAR_CHECKSUM + TAR_CHECKSUM_SIZE ? ' ' : head[i];
    return sum;
}

static bool is_tar(struct slice head)
{
    const uint8_t *at, *end;
    uint32_t sum = 0;

    if (head.size < ARCHIVE_HEAD || head.data[0] == 0)
        return false;
    at = head.data + TAR_CHECKSUM;
    end = at + TAR_CHECKSUM_SIZE;
    while (at < end && *at == ' ')
        at++;
    for (; at < end && *at >= '0' && *at <= '7'; at++)
        sum = sum * 8 + (uint32_t)(*at - '0');
    return at < end && (*at == ' ' || *at == 0) && sum == tar_sum(head.data);
}

bool archive_recognizes(struct slice head, enum archive_kind *kind)
{
    *kind = ARCHIVE_ZIP;
    if (slice_begins(head, slice_of("PK\3\4", 4)) || slice_begins(head, slice_of("PK\5\6", 4)))
        return true;
    *kind = ARCHIVE_TAR;
    return is_tar(head);
}

/* ---- what libarchive reads ---- */

static int refuse(struct archive_entries *entries, enum lede_status status, const char *text)
{
    if (entries->failure == LEDE_OK) {
        entries->failure = status;
        (void)error_set(&entries->failure_error, status, "%s", text);
    }
    archive_set_error(entries->archive, EIO, "%s", text);
    return -1;
}

/* archive_read_callback */
static la_ssize_t give(struct archive *archive, void *context, const void **bytes)
{
    struct archive_entries *entries = context;
    struct lede_error error = {.text = ""};
    uint64_t most = HEADERS_MOST;
    struct slice ahead;
    enum lede_status status;

    (void)archive;
    input_skip(entries->input, entries->given);
    entries->given = 0;
    status = input_peek(entries->input, 1, &ahead, &error);
    if (status != LEDE_OK && ahead.size == 0)
        return refuse(entries, status, error.text);
    if (ahead.size > GIVEN_MOST)
        ahead.size = GIVEN_MOST;
    entries->taken += ahead.size;
    if (entries->kind == ARCHIVE_ZIP)
        most += DIRECTORY_MOST;
    if (entries->taken > most && !entries->passing)
        return refuse(entries, LEDE_LIMIT, "what describes the next entry is too long");
    *bytes = ahead.data;
    entries->given = ahead.size;
    return (la_ssize_t)ahead.size;
}

/* ---- opening ---- */

static enum lede_status failed(struct archive_entries *entries, struct lede_error *err)
{
    const char *text = archive_error_string(entries->archive);

    if (entries->failure != LEDE_OK)
        return error_set(err, entries->failure, "%s", entries->failure_error.text);
    if (archive_errno(entries->archive) == ENOMEM)
        return error_no_memory(err);
    return error_set(err, LEDE_CORRUPT, "%s: %s, near byte %llu", entries->name,
                     text ? text : "the archive is damaged",
                     (unsigned long long)input_offset(entries->input));
}

/* archive_seek_callback */
static la_int64_t seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct archive_entries *entries = context;
    uint64_t size = input_size(entries->input), base = whence == SEEK_END ? size : 0;
    struct lede_error error;
    enum lede_status status;

    (void)archive;
    if (whence == SEEK_CUR)
        base = input_offset(entries->input) + entries->given;
    base += (uint64_t)offset;
    if (base > size)
        return ARCHIVE_FATAL;
    entries->given = 0;
    status = input_seek(entries->input, base, &error);
    return status == LEDE_OK ? (la_int64_t)base : refuse(entries, status, error.text);
}

/* True if the input can seek, and at the end there is a directory that does not take much. */
static bool has_directory(struct input *input)
{
    uint64_t size = input_size(input), begin = size > ZIP_TAIL ? size - ZIP_TAIL : 0;
    const uint8_t *at = NULL;
    struct slice tail;
    bool has = false;

    if (size == UINT64_MAX || input_seek(input, begin, NULL) != LEDE_OK)
        return false;
    if (input_peek(input, (size_t)(size - begin), &tail, NULL) == LEDE_OK)
        for (size_t i = 0; i + ZIP_END <= tail.size; i++)
            if (memcmp(tail.data + i, "PK\5\6", 4) == 0)
                at = tail.data + i;
    if (at) {
        uint64_t end = begin + (uint64_t)(at - tail.data), from = load_le32(at + 16);

        has = from <= end && end - from <= DIRECTORY_MOST && load_le32(at + 12) <= end - from;
    }
    return input_seek(input, 0, NULL) == LEDE_OK && has;
}

/* If it cannot be read by its directory, it is read as it comes. */
static int support_zip(struct archive_entries *entries)
{
    if (!has_directory(entries->input))
        return archive_read_support_format_zip_streamable(entries->archive);
    (void)archive_read_set_seek_callback(entries->archive, seek);
    return archive_read_support_format_zip(entries->archive);
}

static enum lede_status begin(struct archive_entries *entries, struct lede_error *err)
{
    int rc = entries->kind == ARCHIVE_TAR ? archive_read_support_format_tar(entries->archive)
                                          : support_zip(entries);

    (void)archive_read_set_read_callback(entries->archive, give);
    (void)archive_read_set_callback_data(entries->archive, entries);
    if (rc != ARCHIVE_OK || archive_read_open1(entries->archive) != ARCHIVE_OK)
        return failed(entries, err);
    return LEDE_OK;
}

enum lede_status archive_entries_open(enum archive_kind kind, struct input *input, const char *name,
                                      struct archive_entries **out, struct lede_error *err)
{
    struct archive_entries *entries = calloc(1, sizeof *entries);
    enum lede_status status;

    if (!entries)
        return error_no_memory(err);
    entries->input = input;
    entries->name = name;
    entries->kind = kind;
    entries->ended = true;
    entries->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    entries->archive = archive_read_new();
    status = entries->archive ? begin(entries, err) : error_no_memory(err);
    if (status != LEDE_OK) {
        archive_entries_close(entries);
        return status;
    }
    *out = entries;
    return LEDE_OK;
}

void archive_entries_close(struct archive_entries *entries)
{
    if (!entries)
        return;
    if (entries->archive)
        archive_read_free(entries->archive);
    if (entries->locale)
        freelocale(entries->locale);
    free(entries);
}

/* ---- entries ---- */

static void complain(struct archive_item *item, const char *text)
{
    item->kind = ENTRY_UNREADABLE;
    (void)snprintf(item->complaint, sizeof item->complaint, "%s", text);
}

/* libarchive tells the method only in words: "ZIP 2.0 (deflation)". */
static bool is_read(struct archive_entries *entries, struct archive_item *item)
{
    const char *format = archive_format_name(entries->archive), *method;

    if (entries->kind != ARCHIVE_ZIP || !format || !(method = strchr(format, '(')) ||
        strcmp(method, "(uncompressed)") == 0 || strcmp(method, "(deflation)") == 0)
        return true;
    item->kind = ENTRY_UNREADABLE;
    (void)snprintf(item->complaint, sizeof item->complaint,
                   "compressed by a method that is not read: %.40s", method);
    return false;
}

static void describe(struct archive_entries *entries, struct archive_entry *entry,
                     struct archive_item *item)
{
    item->name = slice_str(archive_entry_pathname(entry));
    if (archive_entry_hardlink(entry))
        item->kind = ENTRY_HARD_LINK;
    else if (archive_entry_filetype(entry) == AE_IFLNK)
        item->kind = ENTRY_SYMLINK;
    else if (archive_entry_filetype(entry) == AE_IFDIR)
        item->kind = ENTRY_FOLDER;
    else if (archive_entry_filetype(entry) != AE_IFREG)
        item->kind = ENTRY_SPECIAL;
    else if (archive_entry_is_encrypted(entry))
        complain(item, "it is encrypted");
    else if (is_read(entries, item))
        item->kind = ENTRY_FILE;
}

/* Passes what is left of the entry; what is wrong with that the next header meets, too. */
static void pass_rest(struct archive_entries *entries)
{
    entries->passing = true;
    if (!entries->ended)
        (void)archive_read_data_skip(entries->archive);
    entries->passing = false;
    entries->ended = true;
    entries->block_size = 0;
}

/* A header that makes no sense is told once; libarchive then looks for the next that does. */
static enum lede_status find_header(struct archive_entries *entries, struct archive_entry **entry,
                                    int *rc)
{
    bool was_lost = entries->lost;

    do {
        entries->taken = 0;
        *rc = archive_read_next_header(entries->archive, entry);
    } while (*rc == ARCHIVE_RETRY && was_lost && entries->failure == LEDE_OK);
    entries->lost = *rc == ARCHIVE_RETRY;
    if (*rc == ARCHIVE_EOF)
        return LEDE_MISSING;
    return *rc < ARCHIVE_FAILED || entries->failure != LEDE_OK ? LEDE_CORRUPT : LEDE_OK;
}

enum lede_status archive_entries_next(struct archive_entries *entries, struct archive_item *item,
                                      struct lede_error *err)
{
    locale_t before = entries->locale ? uselocale(entries->locale) : (locale_t)0;
    struct archive_entry *entry = NULL;
    enum lede_status status;
    int rc;

    *item = (struct archive_item){.kind = ENTRY_UNREADABLE};
    pass_rest(entries);
    status = find_header(entries, &entry, &rc);
    if (status == LEDE_CORRUPT)
        status = failed(entries, err);
    if (status == LEDE_OK && rc != ARCHIVE_RETRY)
        describe(entries, entry, item);
    if (status == LEDE_OK && (rc == ARCHIVE_RETRY || rc == ARCHIVE_FAILED))
        complain(item, archive_error_string(entries->archive));
    entries->ended = status != LEDE_OK || rc == ARCHIVE_RETRY;
    entries->position = 0;
    entries->taken = 0;
    if (before)
        (void)uselocale(before);
    return status;
}

/* The next bytes that libarchive has. A hole in the entry would be as many zeros as it likes. */
static enum lede_status next_block(struct archive_entries *entries, struct lede_error *err)
{
    const void *bytes;
    la_int64_t offset;
    int rc = archive_read_data_block(entries->archive, &bytes, &entries->block_size, &offset);

    if (rc == ARCHIVE_EOF) {
        entries->ended = true;
        entries->block_size = 0;
        return LEDE_OK;
    }
    if (rc == ARCHIVE_OK && offset != entries->position) {
        entries->block_size = 0;
        return error_set(err, LEDE_CORRUPT, "%s: it has a hole at byte %lld", entries->name,
                         (long long)entries->position);
    }
    if (rc != ARCHIVE_OK) {
        entries->block_size = 0;
        return failed(entries, err);
    }
    entries->taken = entries->block_size > 0 ? 0 : entries->taken;
    entries->block = bytes;
    entries->position += (int64_t)entries->block_size;
    return LEDE_OK;
}

enum lede_status archive_entries_read(void *context, uint8_t *bytes, size_t size, size_t *got,
                                      struct lede_error *err)
{
    struct archive_entries *entries = context;
    enum lede_status status = LEDE_OK;

    *got = 0;
    while (entries->block_size == 0 && !entries->ended && status == LEDE_OK)
        status = next_block(entries, err);
    if (status != LEDE_OK)
        return status;
    *got = size < entries->block_size ? size : entries->block_size;
    if (*got == 0)
        return LEDE_OK;
    memcpy(bytes, entries->block, *got);
    entries->block += *got;
    entries->block_size -= *got;
    return LEDE_OK;
}

/* archives.h -- tar and zip archives in memory, made by libarchive, for tests of readers. */
#ifndef TESTS_INDEXER_ARCHIVES_H
#define TESTS_INDEXER_ARCHIVES_H

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>

#include "base/buffer.h"

#define UNUSED __attribute__((unused))

struct making {
    struct archive *archive;
    struct buffer *out;
};

UNUSED static la_ssize_t making_write(struct archive *archive, void *context, const void *bytes,
                                      size_t size)
{
    struct making *making = context;

    (void)archive;
    buffer_put(making->out, bytes, size);
    return (la_ssize_t)size;
}

/* format: "ustar", "pax", "gnutar", "v7tar", "zip"; filter: "none", "gzip", "zstd", "xz". What is
 * made is appended to out when making_end is called. */
UNUSED static void making_begin(struct making *making, const char *format, const char *filter,
                                struct buffer *out)
{
    making->archive = archive_write_new();
    making->out = out;
    cr_assert(making->archive);
    cr_assert_eq(archive_write_set_format_by_name(making->archive, format), ARCHIVE_OK);
    if (strcmp(filter, "none") != 0)
        cr_assert_eq(archive_write_add_filter_by_name(making->archive, filter), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_in_last_block(making->archive, 1), ARCHIVE_OK);
    cr_assert_eq(archive_write_open(making->archive, making, NULL, making_write, NULL), ARCHIVE_OK);
}

/* type: AE_IFREG, AE_IFLNK (text is where it leads to), AE_IFIFO, AE_IFDIR, ... */
UNUSED static void making_put(struct making *making, const char *name, unsigned type,
                              struct slice text)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_copy_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(entry, (const char *)text.data);
    archive_entry_set_size(entry, type == AE_IFREG ? (la_int64_t)text.size : 0);
    cr_assert_geq(archive_write_header(making->archive, entry), ARCHIVE_WARN, "%s: %s", name,
                  archive_error_string(making->archive));
    if (type == AE_IFREG && text.size > 0)
        cr_assert_eq(archive_write_data(making->archive, text.data, text.size),
                     (la_ssize_t)text.size);
    archive_entry_free(entry);
}

UNUSED static void making_file(struct making *making, const char *name, const char *text)
{
    making_put(making, name, AE_IFREG, slice_str(text));
}

UNUSED static void making_end(struct making *making)
{
    cr_assert_eq(archive_write_close(making->archive), ARCHIVE_OK);
    archive_write_free(making->archive);
}

#endif

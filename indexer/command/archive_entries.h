/* archive_entries.h -- a tar or zip archive as a stream of entries: their names, and their bytes.
 *
 *     while ((status = archive_entries_next(entries, &entry, err)) == LEDE_OK)
 *         archive_entries_read(entries, ...);     until *got is 0, or not at all
 *
 * libarchive reads the formats; nothing is ever written to disk, and names are only names. Archives
 * are told by their content: tar by the checksum of its first header, zip by its first bytes. Of
 * entries in a zip, those that are stored or deflated are read: other methods take as much
 * memory as the entry asks for. libarchive may not take more than 2 MiB of a tar before something
 * comes out of it, so that lists of holes or names cannot fill the memory. A zip is read by its
 * directory, which is at the end, where the input can seek and the directory has at most 4 MiB
 * (of some 40,000 entries), and else as it comes: then links in it look like short texts. */
#ifndef LEDE_COMMAND_ARCHIVE_ENTRIES_H
#define LEDE_COMMAND_ARCHIVE_ENTRIES_H

#include "command/input.h"

enum { ARCHIVE_HEAD = 512 /* bytes that archive_recognizes wants to see */ };
enum archive_kind { ARCHIVE_TAR, ARCHIVE_ZIP };

/* True if a file that begins so is an archive. */
bool archive_recognizes(struct slice head, enum archive_kind *kind);

enum entry_kind {
    ENTRY_FILE,
    ENTRY_FOLDER,
    ENTRY_SYMLINK,
    ENTRY_HARD_LINK,
    ENTRY_SPECIAL,   /* FIFO, device, socket */
    ENTRY_UNREADABLE /* encrypted, damaged, of a method that is not read; complaint says so */
};

struct archive_item {
    enum entry_kind kind;
    struct slice name;   /* as it is in the archive; lives until the next entry; may be empty */
    char complaint[160]; /* ENTRY_UNREADABLE */
};

struct archive_entries;

/* Begins where input stands, which is borrowed until the close; so is name, for errors.
 * LEDE_NO_MEMORY. */
enum lede_status archive_entries_open(enum archive_kind kind, struct input *input, const char *name,
                                      struct archive_entries **out, struct lede_error *err);
void archive_entries_close(struct archive_entries *entries);

/* The next entry. LEDE_MISSING: there is none. LEDE_CORRUPT, LEDE_LIMIT, LEDE_IO: the rest cannot
 * be read. LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status archive_entries_next(struct archive_entries *entries, struct archive_item *item,
                                      struct lede_error *err);

/* Up to size bytes of the entry, as source_read gives them; entries is a pointer to void so that a
 * source can call it. */
enum lede_status archive_entries_read(void *entries, uint8_t *bytes, size_t size, size_t *got,
                                      struct lede_error *err);

#endif

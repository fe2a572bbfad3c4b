/* verify.h -- is an index whole? Everything that can be checked without its sources.
 *
 * First LMDB's own structure, without LMDB (lmdb_check.h); only if that is whole, then
 *     the manifest      checksum, ranges, and that it names what is there
 *     extents           there, none too many; headers; the checksum of every page
 *     dictionary        every page (dictionary_page_check), terms rising from page to page; pages,
 *                       terms, postings and positions as many as the manifest says
 *     documents         length codes against exact lengths, their sum, extremes, languages
 *     ids               sorted, each document once
 *     source files      every record; none that a document has and the list has not
 *     deletions         records, bits of documents that exist, as many as the manifest says
 *   and if it goes deep
 *     every list        decoded: order, counts, positions, bounds (posting_list_check)
 *     every article     decoded; every id hashed and found again, live at most once
 * Records of segments that no manifest names are garbage of a crash, which the next writer removes:
 * counted, no damage.
 *
 * Cost: reads the index once, at the speed of the disk or of XXH3; deep, about as long as indexing
 * took. Memory: a bit a document, a bit a page of the file. Readers and a writer may go on beside.
 */
#ifndef LEDE_INDEX_VERIFY_H
#define LEDE_INDEX_VERIFY_H

#include "index/lmdb_check.h"

struct verify_totals {
    struct lmdb_totals file;
    uint64_t segments, documents, deleted, terms, postings, positions;
    uint64_t extents, bytes;  /* of the live segments: extents, and bytes in them */
    uint64_t garbage;         /* segments that no manifest names */
    uint64_t garbage_records; /* of them */
    uint64_t problems;        /* reported; after VERIFY_PROBLEMS_MAX it stops */
};

enum { VERIFY_PROBLEMS_MAX = 1000 };

/* Each problem goes to report (may be NULL) as a line without a newline. LEDE_OK: none.
 * LEDE_CORRUPT: some, the first in *err. LEDE_MISSING, LEDE_INCOMPATIBLE, LEDE_IO, LEDE_NO_MEMORY:
 * could not look. LEDE_BUSY: a writer went on where readers cannot be registered; repeat. */
enum lede_status verify_index(const char *path, bool deep,
                              void (*report)(void *context, const char *what), void *context,
                              struct verify_totals *totals, struct lede_error *err);

#endif

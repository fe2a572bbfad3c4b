/* dictionary_starts_internal.h -- between the files that follow the entries of a dictionary's page:
 * what the vector kernel shares with the portable code. All of them give the same. */
#ifndef LEDE_INDEX_DICTIONARY_STARTS_INTERNAL_H
#define LEDE_INDEX_DICTIONARY_STARTS_INTERNAL_H

#include "index/dictionary_internal.h"
#include "index/dictionary_scan.h"

/* Behind the entry at at, of whatever kind; of a damaged one the page's end. */
size_t dictionary_pass_any(struct slice page, size_t at);

/* Where that restart says that its entry begins; the page's end: nowhere. */
static inline size_t restart_at(struct slice page, size_t number)
{
    size_t at = number < page_restarts(page) ? load_le16(page.data + DICT_HEADER_SIZE + 2 * number)
                                             : page.size;

    return at < page.size ? at : page.size;
}

/* The runs of the starts, the first from begins[0] on, were followed to their ends. Returns how
 * many entries of them are one chain, the end of which becomes a start. */
size_t dictionary_starts_join(struct dictionary_starts *starts, const size_t begins[STARTS_RUNS],
                              const size_t ends[STARTS_RUNS]);

/* Keeps of count entries those that are left on the page and begin before last. */
void dictionary_starts_keep(struct dictionary_starts *starts,
                            const struct dictionary_cursor *cursor, size_t count, size_t last);

dictionary_starts_find dictionary_starts_find_avx512;

#endif

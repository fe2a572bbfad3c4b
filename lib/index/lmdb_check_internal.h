/* lmdb_check_internal.h -- what lmdb_check.c (the file) and lmdb_tree.c (its B-trees) share. */
#ifndef LEDE_INDEX_LMDB_CHECK_INTERNAL_H
#define LEDE_INDEX_LMDB_CHECK_INTERNAL_H

#include "index/format.h"
#include "index/lmdb_check.h"

enum { LMDB_TREE_SIZE = 48, LMDB_PROBLEMS_MAX = 100 };

enum lmdb_tree_kind { TREE_FREE, TREE_MAIN, TREE_TABLE };

struct lmdb_tree {
    enum lmdb_tree_kind kind;
    char name[32];
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};

struct lmdb_walker { /* one lmdb_check */
    const struct lmdb_file *file;
    void (*report)(void *context, const char *what);
    void *context;
    unsigned problems;
    enum lede_status status;  /* the first failure; LEDE_CORRUPT is the only one to go on after */
    struct lede_error *error; /* its text */
    uint64_t file_pages, last_page;
    uint8_t *used; /* a bit for each page of the file: in a tree or in the free list; may be NULL
                    */
    uint64_t *outside; /* free pages behind the end of the file */
    size_t outside_count, outside_capacity;
    struct lmdb_totals totals;
};

/* A failure that is no problem of the file. */
void lmdb_fail(struct lmdb_walker *walker, enum lede_status status, const char *text);
/* A problem, of a tree or (NULL) of the file. Always false. */
bool lmdb_wrong(struct lmdb_walker *walker, const struct lmdb_tree *tree, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool lmdb_is_over(const struct lmdb_walker *walker);
bool lmdb_read(struct lmdb_walker *walker, uint64_t offset, uint8_t *out, size_t size);

/* The LMDB_TREE_SIZE bytes that describe a tree. */
void lmdb_tree_parse(const uint8_t *at, enum lmdb_tree_kind kind, struct lmdb_tree *tree);
/* Of TREE_MAIN, if it is one page, as that of an index is: that page, and those of its tables'
 * roots, by their numbers and kinds. */
bool lmdb_tree_check_roots(struct lmdb_walker *walker, const struct lmdb_tree *tree);
/* Everything below a root; of TREE_MAIN also the tables. True if it is whole. */
bool lmdb_tree_check(struct lmdb_walker *walker, const struct lmdb_tree *tree);

#endif

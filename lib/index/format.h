/* format.h -- the numbers that fix an index on disk. docs/FORMAT.md is the whole story.
 *
 * An index is one LMDB environment with four tables:
 *
 *     table    key (integers big-endian)                value
 *     meta     "manifest"                               manifest.h
 *     dict     segment u32, upper end of the page       dictionary.h, 4,080 bytes
 *     extent   segment u32, stream u8, number u32       extent.h, at most 1,048,560 bytes
 *     deleted  segment u32, chunk u32                   deletion.h
 *
 * A segment is immutable but for its deletions; its number is never used again. */
#ifndef LEDE_INDEX_FORMAT_H
#define LEDE_INDEX_FORMAT_H

#include <stdint.h>

enum { FORMAT_VERSION = 1 };

/* A document is an article's place in its segment, from 0. */
typedef uint32_t doc_id;
#define DOC_END UINT32_MAX /* behind every document */

enum {
    DOCS_MAX = 1 << 30,    /* documents in a segment */
    BLOCK_DOCS = 128,      /* postings in a block */
    GROUP_BLOCKS = 32,     /* blocks under one group bound */
    CHUNK_BLOCKS = 8192,   /* blocks under one run of header arrays */
    WINDOW_DOCS = 4096,    /* documents that matchers exchange at a time */
    PAGE_SIZE = 4096,      /* of LMDB's map, and of a checksum */
    PAGE_HEADER = 16,      /* LMDB's, before the value that begins on a page */
    DICT_PAGE_SIZE = 4080, /* fills one overflow page */
    KEY_TERM_MAX = 129     /* field byte and term */
};

/* The field byte that begins every term of the dictionary. */
enum field {
    FIELD_TEXT = 0,    /* title and text together: what a bare word searches */
    FIELD_TITLE = 1,   /* the title alone */
    FIELD_KEYWORD = 2, /* the first of the keyword fields */
    FIELD_KEYWORD_LAST = 0xef,
    FIELD_BOILERPLATE = 0xf0,  /* what recurs around articles: indexer/boilerplate_terms.h */
    FIELD_AMOUNT = 0xf1,       /* numbers and sums of money, of title and text: text/amount.h */
    FIELD_TEXT_VARIANT = 0xfd, /* terms of words folded before stemming, where that differs */
    FIELD_TITLE_VARIANT = 0xfe,
    FIELD_END = 0xff /* above every field: the upper end of a dictionary */
};

/* Positions of the text begin at the number of the title's positions plus this. */
enum { TITLE_GAP = 64 };

/* The lines that recur around an article, which have positions of their own. */
enum {
    BOILERPLATE_MOST = 4096, /* bytes of an article: their terms always fit an inverter */
    BOILERPLATE_GAP = 64     /* from the end of a line to the next */
};

/* The streams of a segment; the numbers are stored. */
enum stream_kind {
    STREAM_SKIP,      /* header arrays of posting lists: posting.h */
    STREAM_POSTINGS,  /* blocks of documents and frequencies: posting.h */
    STREAM_POSITIONS, /* packs of positions: posting.h */
    STREAM_NORMS,     /* a length code per document: norm.h */
    STREAM_NAMES,     /* external ids, front-coded: name.h */
    STREAM_IDS,       /* external id to document: id_map.h */
    STREAM_ARTICLES,  /* stored articles: stored.h */
    STREAM_COLUMNS,   /* packed values per window: column.h */
    STREAM_WINDOWS,   /* directory of the columns: column.h */
    STREAM_SOURCES,   /* files that articles were read from: source_file.h */
    STREAM_COUNT,
    STREAM_BUNDLE = STREAM_COUNT /* the record of streams that are small: bundle.h */
};

#endif

/* settings.h -- what a writer works with: its options, and what the index was made with.
 *
 * The analysis, stop words, positions and whether texts are kept are fixed when the index is made;
 * options that say otherwise later are LEDE_INCOMPATIBLE, and options that say nothing take what
 * the index has. Keyword fields are added to those that there are: segments that are there lack
 * them. The language is each article's, so the default may differ from writer to writer. */
#ifndef LEDE_INDEXER_SETTINGS_H
#define LEDE_INDEXER_SETTINGS_H

#include "base/error.h"
#include "index/manifest.h"
#include "text/analyzer.h"

/* How options->memory is spent. What grows with the input is within it: batches on their way
 * (pipeline.h), for each thread an inverter and WORKER_MEMORY (analyzer, packer), and, when
 * batches are done with, merge inputs. Beside it MEMORY_FIXED holds what is bounded whatever the
 * limit: the segment being written (ten extents, and 26 bytes for each of its documents), what
 * finds its duplicates, and the outbox. The account's limit is the sum of the two. What is
 * read of the index comes to MEMORY_MAPPED of it mapped, and of the programs, and to STREAMS_KEPT.
 * Where memory is short, fewer threads than asked for are started, so that each inverter has
 * INVERTER_MEMORY_MIN.
 */
#define MEMORY_DEFAULT      ((size_t)256 << 20)
#define MEMORY_MIN          ((size_t)16 << 20)
#define MEMORY_FIXED        ((size_t)54 << 20)
#define MEMORY_MAPPED       ((size_t)16 << 20)
#define WORKER_MEMORY       ((size_t)6 << 20)
#define INVERTER_MEMORY_MIN ((size_t)4 << 20)
enum { JOBS_MAX = 256 };

struct settings {
    struct analyzer_settings analysis; /* its bytes are the manifest's */
    struct slice keywords;             /* names of the keyword fields; the manifest's */
    language_id language;              /* of articles that do not tell theirs */
    bool positions, keep_text;
    bool declared; /* the manifest got keyword fields that the index has not */
    size_t memory; /* limit of the account */
    unsigned jobs;
    size_t budget; /* of each inverter */
};

/* Checks options (NULL: the defaults) against the manifest; if fresh, nothing was ever committed,
 * and the manifest is filled in. Keyword fields that it has not become its. LEDE_INVALID,
 * LEDE_INCOMPATIBLE with what differs, LEDE_LIMIT, LEDE_NO_MEMORY. */
enum lede_status settings_resolve(const struct lede_writer_options *options,
                                  struct manifest *manifest, bool fresh, struct settings *settings,
                                  struct lede_error *err);

/* How the analyzer of an index is to be made; stop words are the manifest's. */
struct analyzer_settings settings_analysis(const struct manifest *manifest);

/* Processors that this process may run on. */
unsigned settings_processors(void);

#endif

#include "recheck.h"

#include <stdio.h>

#include "index/segment.h"
#include "inverter.h"
#include "boilerplate_terms.h"
#include "keyword_terms.h"
#include "near_copy.h"
#include "settings.h"
#include "worker.h"

enum {
    BUDGET = 64 << 20,     /* bytes of the inverter: of one article's terms */
    ARTICLE_MAX = 1 << 30, /* bytes of the longest that is read */
    TERM_SHOWN = 40        /* bytes of a term in a message */
};

struct recheck {
    struct snapshot *snapshot;
    struct settings settings;
    struct analyzer *analyzer;
    struct inverter *inverter;
    struct stored_reader reader;
    struct buffer raw, fields;
    struct buffer expected, found;  /* positions of a term in the article, native uint32_t: those
                                     * that are stored, and those that its text gives */
    struct run_positions positions; /* a piece of the latter */
    struct signature signature;     /* of its terms */
    void (*report)(void *context, const char *what);
    void *context;
    struct recheck_totals *totals;
    struct lede_error *err;
};

/* Tells a problem of an article; only what goes on despite it is LEDE_CORRUPT. */
static enum lede_status problem(struct recheck *recheck, const struct segment *segment,
                                doc_id document, const char *what)
{
    char line[200];

    (void)snprintf(line, sizeof line, "segment %u: document %u: %s", segment->info->number,
                   document, what);
    if (recheck->totals->problems++ == 0)
        error_set(recheck->err, LEDE_CORRUPT, "%s", line);
    if (recheck->report)
        recheck->report(recheck->context, line);
    return LEDE_CORRUPT;
}

static enum lede_status term_problem(struct recheck *recheck, const struct segment *segment,
                                     doc_id document, struct slice term, const char *what)
{
    int size = (int)(term.size - 1 < TERM_SHOWN ? term.size - 1 : TERM_SHOWN);
    char line[120];

    (void)snprintf(line, sizeof line, "the postings of \"%.*s\" %s", size,
                   (const char *)term.data + 1, what);
    return problem(recheck, segment, document, line);
}

/* ---- from the text to terms ---- */

static bool add_text(struct recheck *recheck, struct slice text, language_id language,
                     uint32_t first, enum field also, uint32_t *end)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(recheck->analyzer, text, language, first);
    while ((count = analyzer_next(recheck->analyzer, tokens, TOKEN_BATCH)) > 0) {
        signature_add(&recheck->signature, tokens, count);
        if (!inverter_add(recheck->inverter, FIELD_TEXT, tokens, count) ||
            (also != FIELD_TEXT && !inverter_add(recheck->inverter, also, tokens, count)))
            return false;
    }
    *end = analyzer_position(recheck->analyzer);
    return analyzer_status(recheck->analyzer) == LEDE_OK;
}

/* Inverts an article as worker.c does; *length is its exact length. */
static enum lede_status invert(struct recheck *recheck, const struct segment *segment,
                               const struct stored_article *article, language_id language,
                               uint32_t *length)
{
    uint64_t left_out = 0;
    uint32_t title, end;
    bool room;

    signature_init(&recheck->signature);
    inverter_begin(recheck->inverter, 0);
    if (keyword_terms_add(recheck->inverter, recheck->settings.keywords, &segment->info->lacks,
                          article, &left_out, &room, recheck->err) != LEDE_OK ||
        !room)
        return error_no_memory(recheck->err);
    if (!add_text(recheck, article->title, language, 0, FIELD_TITLE, &title) ||
        !add_text(recheck, article->text, language, title + TITLE_GAP, FIELD_TEXT, &end))
        return error_no_memory(recheck->err);
    *length = end - TITLE_GAP;
    if (*length > 0 && (boilerplate_terms_add(recheck->inverter, recheck->analyzer, article,
                                              language, &room, recheck->err) != LEDE_OK ||
                        !room))
        return error_no_memory(recheck->err);
    return inverter_sort(recheck->inverter, recheck->err);
}

/* ---- from terms to postings ---- */

/* The place of a document in the cursor's block; false: it is not there. */
static bool find_place(struct posting_cursor *cursor, doc_id document, uint32_t *place)
{
    const uint32_t *documents;

    if (posting_cursor_seek(cursor, document) == DOC_END ||
        !(documents = posting_cursor_documents(cursor)))
        return false;
    for (*place = 0; *place < cursor->count && documents[*place] < document; ++*place)
        ;
    return *place < cursor->count && documents[*place] == document;
}

/* The posting of the document against the positions that its text gives. NULL: the same, or it
 * could not be read: the cursor's status, expected.failed. */
static const char *compare(struct recheck *recheck, struct posting_cursor *cursor, doc_id document)
{
    const struct buffer *found = &recheck->found;
    const uint32_t *frequencies;
    uint32_t place;

    if (!find_place(cursor, document, &place))
        return "lack it";
    frequencies = posting_cursor_frequencies(cursor);
    if (!frequencies || frequencies[place] != found->size / sizeof(uint32_t))
        return "have it another number of times";
    if (!recheck->settings.positions)
        return NULL;
    buffer_clear(&recheck->expected);
    if (!posting_cursor_positions(cursor, place, &recheck->expected))
        return NULL;
    return memcmp(recheck->expected.data, found->data, found->size) == 0
               ? NULL
               : "have it at other positions";
}

static enum lede_status check_term(struct recheck *recheck, struct segment *segment,
                                   doc_id document, struct slice term)
{
    struct posting_cursor cursor;
    struct term_info info;
    enum lede_status status = segment_find(segment, term, &info, recheck->err);
    const char *what;

    if (status == LEDE_MISSING)
        return term_problem(recheck, segment, document, term, "are not there");
    if (status != LEDE_OK)
        return status;
    posting_cursor_init(&cursor, &segment->postings, &info);
    what = compare(recheck, &cursor, document);
    if (cursor.status != LEDE_OK)
        return term_problem(recheck, segment, document, term, "are damaged");
    if (recheck->expected.failed)
        return error_no_memory(recheck->err);
    return what ? term_problem(recheck, segment, document, term, what) : LEDE_OK;
}

/* All positions of the cursor's term, which come in pieces if there are many. */
static enum lede_status read_positions(struct recheck *recheck, struct run_cursor *terms)
{
    enum lede_status status;

    buffer_clear(&recheck->found);
    do {
        status = run_cursor_read(terms, &recheck->positions, recheck->err);
        if (status == LEDE_OK)
            buffer_put(&recheck->found, recheck->positions.values,
                       recheck->positions.count * sizeof(uint32_t));
    } while (status == LEDE_OK && terms->document != RUN_END);
    return status == LEDE_OK && recheck->found.failed ? error_no_memory(recheck->err) : status;
}

/* Every term of the article that is in the inverter. */
static enum lede_status check_terms(struct recheck *recheck, struct segment *segment,
                                    doc_id document)
{
    enum lede_status status;
    struct run_cursor terms;

    inverter_cursor(recheck->inverter, &terms);
    while ((status = run_cursor_next(&terms, recheck->err)) == LEDE_OK) {
        status = read_positions(recheck, &terms);
        if (status == LEDE_OK)
            status = check_term(recheck, segment, document, terms.term);
        if (status != LEDE_OK)
            break;
        recheck->totals->terms++;
    }
    run_cursor_done(&terms);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* ---- articles ---- */

struct facts { /* of a document */
    int64_t location, language, tokens, signature;
    bool deleted;
};

static enum lede_status read_facts(struct recheck *recheck, struct segment *segment,
                                   doc_id document, struct facts *facts)
{
    const struct column_source *columns = &segment->columns;
    struct lede_error *err = recheck->err;
    enum lede_status status = segment_is_deleted(segment, document, &facts->deleted, err);

    if (status == LEDE_OK)
        status = column_get(columns, COLUMN_ARTICLE, document, &facts->location, err);
    if (status == LEDE_OK)
        status = column_get(columns, COLUMN_LANGUAGE, document, &facts->language, err);
    if (status == LEDE_OK)
        status = column_get(columns, COLUMN_TOKENS, document, &facts->tokens, err);
    if (status == LEDE_OK)
        status = column_get(columns, COLUMN_SIGNATURE, document, &facts->signature, err);
    return status;
}

static enum lede_status check_article(struct recheck *recheck, struct segment *segment,
                                      doc_id document)
{
    struct stored_article article;
    struct facts facts;
    uint32_t length = 0;
    enum lede_status status = read_facts(recheck, segment, document, &facts);

    if (status != LEDE_OK || facts.deleted || facts.location == COLUMN_MISSING)
        return status;
    status = stored_reader_get(&recheck->reader, &segment->streams[STREAM_ARTICLES], facts.location,
                               true, ARTICLE_MAX, &recheck->raw, &recheck->fields, &article,
                               recheck->err);
    if (status != LEDE_OK || !article.text_kept)
        return status;
    if (facts.language < 0 || facts.language >= LANGUAGES_MAX)
        facts.language = recheck->settings.language;
    status = invert(recheck, segment, &article, (language_id)facts.language, &length);
    if (status == LEDE_OK && facts.tokens != length)
        status = problem(recheck, segment, document, "its length is not that of its text");
    if (status == LEDE_OK)
        status = check_terms(recheck, segment, document);
    if (status == LEDE_OK && facts.signature != COLUMN_MISSING &&
        facts.signature != near_copy_column(&recheck->signature))
        status = problem(recheck, segment, document, "its signature is not that of its text");
    inverter_reset(recheck->inverter, false);
    recheck->totals->articles++;
    return status;
}

/* What is damaged was told, here or by verify, and is passed over. */
static enum lede_status check_segment(struct recheck *recheck, struct segment *segment,
                                      uint64_t step)
{
    struct lede_error *err = recheck->err, first = *err;

    for (uint64_t document = 0; document < segment->info->documents; document += step) {
        enum lede_status status = check_article(recheck, segment, (doc_id)document);

        if (status != LEDE_OK && status != LEDE_CORRUPT)
            return status;
        if (first.status == LEDE_OK)
            first = *err;
    }
    *err = first;
    return LEDE_OK;
}

static enum lede_status check_all(struct recheck *recheck, unsigned most)
{
    struct snapshot *snapshot = recheck->snapshot;
    enum lede_status status = LEDE_OK;
    uint64_t documents = 0, step;

    for (size_t i = 0; i < snapshot->segment_count; i++)
        documents += snapshot->segments[i].info->documents;
    step = documents / (most ? most : 1) + 1;
    for (size_t i = 0; i < snapshot->segment_count && status == LEDE_OK; i++)
        status = check_segment(recheck, &snapshot->segments[i], step);
    return status == LEDE_OK && recheck->totals->problems > 0 ? LEDE_CORRUPT : status;
}

static enum lede_status open_all(struct recheck *recheck, const char *path)
{
    struct lede_error *err = recheck->err;
    enum lede_status status = snapshot_open(path, &recheck->snapshot, err);

    if (status == LEDE_OK)
        store_bound_pages(recheck->snapshot->store, MEMORY_MAPPED);
    if (status == LEDE_OK)
        status =
            settings_resolve(NULL, &recheck->snapshot->manifest, false, &recheck->settings, err);
    if (status == LEDE_OK)
        status = analyzer_new(&recheck->settings.analysis, NULL, &recheck->analyzer, err);
    if (status == LEDE_OK)
        status = inverter_new(recheck->settings.positions, BUDGET, NULL, &recheck->inverter, err);
    return status;
}

enum lede_status recheck_index(const char *path, unsigned most,
                               void (*report)(void *context, const char *what), void *context,
                               struct recheck_totals *totals, struct lede_error *err)
{
    struct lede_error own = {.status = LEDE_OK};
    struct recheck recheck = {
        .report = report, .context = context, .totals = totals, .err = err ? err : &own};
    enum lede_status status;

    *totals = (struct recheck_totals){0};
    recheck.err->status = LEDE_OK;
    buffer_init(&recheck.raw, NULL);
    buffer_init(&recheck.fields, NULL);
    buffer_init(&recheck.expected, NULL);
    buffer_init(&recheck.found, NULL);
    status = open_all(&recheck, path);
    if (status == LEDE_OK)
        status = check_all(&recheck, most);
    run_positions_done(&recheck.positions);
    buffer_done(&recheck.expected);
    buffer_done(&recheck.found);
    buffer_done(&recheck.fields);
    buffer_done(&recheck.raw);
    stored_reader_done(&recheck.reader);
    inverter_free(recheck.inverter);
    analyzer_free(recheck.analyzer);
    snapshot_close(recheck.snapshot);
    return status;
}

#include "session.h"

#include <stdio.h>
#include <unistd.h>

#include "advice.h"
#include "base/clock.h"
#include "base/error.h"
#include "facets.h"
#include "pager.h"

enum { OVERTAKEN_TRIES = 5 }; /* where a writer writes over what is read */

/* Whether the index -dNAME is not there. */
static bool lacks_glued(const struct options *options)
{
    const char *path = options->glued;
    struct lede_index *index = NULL;
    bool lacks = path && lede_index_open(&path, 1, &index, NULL) == LEDE_MISSING;

    lede_index_close(index);
    return lacks;
}

enum lede_status session_open_index(const struct options *options, struct lede_index **index,
                                    struct lede_error *err)
{
    enum lede_status status = LEDE_BUSY;

    for (int tries = 0; tries < OVERTAKEN_TRIES && status == LEDE_BUSY; tries++)
        status = lede_index_open(options->indexes, options->index_count, index, err);
    if (status == LEDE_MISSING && err && lacks_glued(options))
        status = options_add_hint(err);
    return status;
}

void session_init(struct session *session, const struct options *options, struct lede_index *index,
                  struct turns *turns)
{
    *session = (struct session){.options = options, .index = index};
    session->summary = options->kind == OUTPUT_TEXT && !options->judgements && !options->open &&
                       !options->quiet && isatty(STDERR_FILENO);
    output_init(&session->out, STDOUT_FILENO, options);
    session->out.index = index;
    session->out.turns = turns;
}

static void drop_index(struct session *session)
{
    if (session->owns_index)
        lede_index_close(session->index);
    session->owns_index = false;
    session->index = NULL;
    session->out.index = NULL;
}

void session_done(struct session *session)
{
    drop_index(session);
    output_done(&session->out);
}

/* Opens it again, as it is now. */
static enum lede_status reopen_index(struct session *session, struct lede_error *err)
{
    enum lede_status status;

    drop_index(session);
    status = session_open_index(session->options, &session->index, err);
    session->owns_index = status == LEDE_OK;
    session->out.index = session->index;
    return status;
}

/* ---- what is told beside the answer ---- */

static void tell_notes(const struct answer *answer)
{
    const char *note;

    for (size_t i = 0; (note = answer_note(answer, i)) != NULL; i++)
        if (answer->one_of_many)
            command_complain(SESSION_PROGRAM, "standard input:%zu: note: %s", answer->number, note);
        else
            command_complain(SESSION_PROGRAM, "note: %s", note);
}

static void tell_summary(const struct session *session, const struct lede_results *results,
                         double seconds)
{
    size_t shown = lede_results_count(results);
    unsigned long long total = lede_results_total(results);
    char line[128];
    int size;

    if (!session->summary)
        return;
    if (shown == total)
        size = snprintf(line, sizeof line, "%llu %s in %.1f ms\n", total,
                        total == 1 ? "match" : "matches", seconds * 1e3);
    else
        size = snprintf(line, sizeof line, "%zu of %llu matches in %.1f ms\n", shown, total,
                        seconds * 1e3);
    if (size > 0)
        (void)command_write(STDERR_FILENO, line, (size_t)size);
}

/* Topics are texts that are ranked, and --explain=ID shows its article in any case. */
static enum lede_status find_advice(const struct session *session, struct answer *answer,
                                    struct lede_advice **advice, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *advice = NULL;
    if (lede_results_total(answer->results) == 0 && !session->options->quiet &&
        !session->options->topics && !session->options->explain_id)
        status = lede_advise(answer->results, advice, err);
    if (status == LEDE_LIMIT) /* out of time; that there is nothing is known */
        status = LEDE_OK;
    answer->advice = *advice;
    return status;
}

static enum lede_status find_histogram(const struct session *session, struct answer *answer,
                                       struct lede_histogram **histogram, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *histogram = NULL;
    if (session->options->histogram != LEDE_DATE_NONE)
        status = lede_histogram(answer->results, session->options->histogram, histogram, err);
    answer->histogram = *histogram;
    return status;
}

/* ---- an answer ---- */

static enum lede_status ask(const struct session *session, const struct answer *answer,
                            const struct lede_search_options *search, struct lede_results **results,
                            struct lede_error *err)
{
    struct slice id = slice_str(session->options->similar);
    struct lede_error why;
    enum lede_status status;

    if (!session->options->similar)
        return lede_search(session->index, bytes_of(answer->query), search, results, err);
    status = lede_similar(session->index, bytes_of(id), search, results, &why);
    if (status == LEDE_MISSING)
        return error_set(err, LEDE_INVALID, "--similar %s: no article has this id",
                         session->options->similar);
    if (status == LEDE_INVALID)
        return error_set(err, status, "--similar %s: %s", session->options->similar, why.text);
    return status == LEDE_OK ? LEDE_OK : error_set(err, status, "%s", why.text);
}

/* Who asks for articles past the last one is told how many there are. */
static void tell_end(const struct session *session, const struct lede_results *results)
{
    unsigned long long total = lede_results_total(results);
    const struct options *options = session->options;
    size_t offset = options->search.offset;

    if (offset == 0 || total == 0 || lede_results_count(results) > 0)
        return;
    if (options->open)
        command_complain(SESSION_PROGRAM, "--open: there is no number %zu: %llu %s match%s",
                         offset + 1, total, total == 1 ? "article" : "articles",
                         total == 1 ? "es" : "");
    else if (options->kind == OUTPUT_TEXT && !options->quiet)
        command_complain(SESSION_PROGRAM, "note: --offset %zu passes over all: %llu %s match%s",
                         offset, total, total == 1 ? "article" : "articles",
                         total == 1 ? "es" : "");
}

/* Puts the answer together, waits for its turn, and hands everything out. */
static enum lede_status put_answer(struct session *session, struct answer *answer, double seconds,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    bool overtaken;

    if (!session->evaluation)
        status = output_format_of(session->options->kind)(&session->out, answer, err);
    if (status != LEDE_OK || !output_wait(&session->out))
        return status;
    overtaken = lede_index_overtaken(session->index); /* then the flush says so */
    if (!overtaken)
        tell_notes(answer);
    if (!overtaken && session->evaluation)
        status = evaluation_add(session->evaluation, answer, err);
    if (status == LEDE_OK)
        status = output_flush(&session->out, err);
    if (status != LEDE_OK)
        return status;
    if (answer->advice)
        advice_tell(SESSION_PROGRAM, answer);
    tell_end(session, answer->results);
    tell_summary(session, answer->results, seconds);
    session->matched |= lede_results_count(answer->results) > 0 ||
                        (lede_results_total(answer->results) > 0 && !session->options->open);
    return LEDE_OK;
}

static enum lede_status answer_once(struct session *session, struct answer *answer,
                                    struct lede_error *err)
{
    struct lede_search_options search = session->options->search;
    struct lede_results *results;
    struct lede_histogram *histogram;
    struct lede_facet *facets[FACETS_MAX] = {NULL};
    struct lede_advice *advice = NULL;
    double began = clock_seconds(), seconds;
    enum lede_status status;

    search.count_matches =
        session->summary || session->options->open || output_wants_total(session->options->kind);
    search.count_only = session->options->kind == OUTPUT_COUNT;
    status = ask(session, answer, &search, &results, err);
    if (status != LEDE_OK)
        return status;
    seconds = clock_seconds() - began;
    answer->results = results;
    answer->index = session->index;
    answer->facets = facets;
    status = find_histogram(session, answer, &histogram, err);
    if (status == LEDE_OK)
        status = facets_find(session->options, results, facets, err);
    if (status == LEDE_OK)
        status = find_advice(session, answer, &advice, err);
    if (status == LEDE_OK)
        status = put_answer(session, answer, seconds, err);
    answer->advice = NULL;
    answer->histogram = NULL;
    answer->facets = NULL;
    facets_free(facets);
    answer->results = NULL;
    lede_advice_free(advice);
    lede_histogram_free(histogram);
    lede_results_free(results);
    return status;
}

/* What a writer may have written over while it was read is discarded, and asked anew. */
enum lede_status session_answer(struct session *session, struct answer *answer,
                                struct lede_error *err)
{
    uint64_t written = session->out.written;
    enum lede_status status = answer_once(session, answer, err);

    for (int tries = 1; tries < OVERTAKEN_TRIES; tries++) {
        if (status == LEDE_OK || session->out.written != written ||
            !lede_index_overtaken(session->index))
            break;
        buffer_clear(&session->out.text);
        status = reopen_index(session, err);
        if (status != LEDE_OK)
            break;
        status = answer_once(session, answer, err);
    }
    if (status != LEDE_OK)
        buffer_clear(&session->out.text); /* what was put together of it */
    return status;
}

enum lede_status session_answer_one(const struct options *options, struct lede_index *index,
                                    bool *matched, struct lede_error *err)
{
    struct answer answer = {.options = options, .query = slice_str(options->query), .number = 1};
    struct session session;
    struct pager pager;
    enum lede_status status;
    bool paged;

    session_init(&session, options, index, NULL);
    paged = options->open && isatty(STDOUT_FILENO) && pager_start(&pager);
    if (paged)
        session.out.fd = pager.fd;
    status = session_answer(&session, &answer, err);
    *matched = session.matched;
    session_done(&session);
    if (paged)
        pager_finish(&pager);
    return status;
}

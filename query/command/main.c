/* lede-search: finds articles in an index. Answers go to standard output, all else to standard
 * error. */
#include <stdio.h>
#include <unistd.h>

#include "advice.h"
#include "base/clock.h"
#include "evaluation.h"
#include "flags.h"
#include "index/store.h"
#include "output.h"
#include "topics.h"

enum { OVERTAKEN_TRIES = 5 }; /* where a writer writes over what is read */

static const char PROGRAM[] = "lede-search";

struct session {
    const struct options *options;
    struct lede_index *index;
    struct output out;
    struct evaluation evaluation; /* with --eval */
    bool summary;                 /* say how many and how fast */
    bool matched;                 /* something was found */
    int code;                     /* of what went wrong with single queries; EXIT_DONE: nothing */
};

static int fail(const struct lede_error *error)
{
    command_complain(PROGRAM, "%s", error->text);
    return command_exit_code(error->status);
}

/* Topics are texts, not queries that somebody typed: what they say in vain is no news. */
static void tell_notes(const struct session *session, const struct answer *answer)
{
    const char *note;

    if (session->options->quiet || session->options->topics)
        return;
    for (size_t i = 0; (note = lede_results_note(answer->results, i)) != NULL; i++)
        if (answer->one_of_many)
            command_complain(PROGRAM, "standard input:%zu: note: %s", answer->number, note);
        else
            command_complain(PROGRAM, "note: %s", note);
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

/* Opens it, or opens it again: as it is now. */
static enum lede_status open_index(struct session *session, struct lede_error *err)
{
    const struct options *options = session->options;
    enum lede_status status = LEDE_BUSY;

    lede_index_close(session->index);
    session->index = NULL;
    for (int tries = 0; tries < OVERTAKEN_TRIES && status == LEDE_BUSY; tries++)
        status = lede_index_open(options->indexes, options->index_count, &session->index, err);
    session->out.index = session->index;
    return status;
}

static enum lede_status put_answer(struct session *session, struct answer *answer,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (!session->options->judgements)
        status = output_format_of(session->options->kind)(&session->out, answer, err);
    else if (!lede_index_overtaken(session->index)) /* else the flush says so */
        status = evaluation_add(&session->evaluation, answer, err);
    return status == LEDE_OK ? output_flush(&session->out, err) : status;
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
    answer->advice = *advice;
    return status;
}

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

static enum lede_status answer_once(struct session *session, struct answer *answer,
                                    struct lede_error *err)
{
    struct lede_search_options search = session->options->search;
    struct lede_results *results;
    struct lede_advice *advice;
    double began = clock_seconds(), seconds;
    enum lede_status status;

    search.count_matches = session->summary || output_wants_total(session->options->kind);
    search.count_only = session->options->kind == OUTPUT_COUNT;
    status = ask(session, answer, &search, &results, err);
    if (status != LEDE_OK)
        return status;
    seconds = clock_seconds() - began;
    answer->results = results;
    answer->index = session->index;
    tell_notes(session, answer);
    status = find_advice(session, answer, &advice, err);
    if (status == LEDE_OK)
        status = put_answer(session, answer, err);
    if (status == LEDE_OK) {
        if (advice)
            advice_tell(PROGRAM, answer);
        tell_summary(session, results, seconds);
        session->matched |= lede_results_count(results) > 0 || lede_results_total(results) > 0;
    }
    answer->advice = NULL;
    lede_advice_free(advice);
    lede_results_free(results);
    return status;
}

/* What a writer may have written over while it was read is discarded, and asked anew. */
static enum lede_status answer_query(struct session *session, struct answer *answer,
                                     struct lede_error *err)
{
    uint64_t written = session->out.written;
    enum lede_status status = answer_once(session, answer, err);

    for (int tries = 1; tries < OVERTAKEN_TRIES; tries++) {
        if (status == LEDE_OK || session->out.written != written ||
            !lede_index_overtaken(session->index))
            return status;
        buffer_clear(&session->out.text);
        status = open_index(session, err);
        if (status == LEDE_OK)
            status = answer_once(session, answer, err);
    }
    return status;
}

/* Drops the last eighth of the query, to the end of a word. */
static struct slice shorten(struct slice query)
{
    size_t size = query.size - query.size / 8 - 1;

    while (size > 0 && query.data[size - 1] != ' ')
        size--;
    return slice_of(query.data, size);
}

/* A topic may be longer than a query: then its beginning is asked for, as much as a query takes. */
static enum lede_status answer_line(struct session *session, const struct topics *topics,
                                    struct answer *answer, struct lede_error *err)
{
    size_t size = answer->query.size;
    enum lede_status status = answer_query(session, answer, err);

    while (status == LEDE_LIMIT && topics->with_ids && answer->query.size > 1) {
        answer->query = shorten(answer->query);
        status = answer_query(session, answer, err);
    }
    if (status == LEDE_OK && answer->query.size < size && !session->options->quiet)
        command_complain(PROGRAM, "%s:%zu: note: too long, cut to its first %zu bytes",
                         topics->name, topics->number, answer->query.size);
    return status;
}

/* Answers each line. What is wrong with one query is told, and the next one answered. */
static enum lede_status answer_many(struct session *session, struct topics *topics,
                                    struct lede_error *err)
{
    struct answer answer = {
        .options = session->options, .index = session->index, .one_of_many = true};
    enum lede_status status = LEDE_OK;
    bool more;

    while (status == LEDE_OK && !session->out.closed) {
        status = topics_next(topics, &more, &answer.topic, &answer.query, err);
        if (status != LEDE_OK || !more)
            break;
        answer.number++;
        status = answer_line(session, topics, &answer, err);
        if (status == LEDE_INVALID || status == LEDE_LIMIT) {
            command_complain(PROGRAM, "%s:%zu: %s", topics->name, topics->number, err->text);
            session->code = EXIT_USAGE;
            buffer_clear(&session->out.text); /* what was written of its answer */
            status = LEDE_OK;
        }
    }
    return status;
}

static enum lede_status answer_all(struct session *session, struct lede_error *err)
{
    const struct options *options = session->options;
    struct topics topics;
    enum lede_status status;

    if (options->query || options->similar) {
        struct answer answer = {.options = options,
                                .index = session->index,
                                .query = slice_str(options->query),
                                .number = 1};

        return answer_query(session, &answer, err);
    }
    status =
        topics_open(&topics, options->topics ? options->topics : "-", options->topics != NULL, err);
    if (status == LEDE_OK)
        status = answer_many(session, &topics, err);
    topics_close(&topics);
    return status;
}

static enum lede_status open_all(struct session *session, struct lede_error *err)
{
    const struct options *options = session->options;
    enum lede_status status = LEDE_OK;

    if (options->judgements)
        status =
            evaluation_open(options->judgements, options->other_run, &session->evaluation, err);
    return status == LEDE_OK ? open_index(session, err) : status;
}

static enum lede_status print_evaluation(struct session *session, struct lede_error *err)
{
    const struct evaluation *evaluation = &session->evaluation;

    evaluation_print(evaluation, &session->out);
    if (evaluation->unjudged > 0 && !session->options->quiet)
        command_complain(PROGRAM, "note: %zu %s without a relevant article in %s: left out",
                         evaluation->unjudged, evaluation->unjudged == 1 ? "topic" : "topics",
                         session->options->judgements);
    return output_flush(&session->out, err);
}

static int search(const struct options *options)
{
    struct session session = {.options = options, .code = EXIT_DONE};
    struct lede_error error;
    enum lede_status status;

    command_catch_damage(PROGRAM, store_maps);
    store_on_assert(command_end_damaged);
    session.summary = options->kind == OUTPUT_TEXT && !options->judgements && !options->quiet &&
                      isatty(STDERR_FILENO);
    output_init(&session.out, STDOUT_FILENO, options);
    status = open_all(&session, &error);
    if (status == LEDE_OK)
        status = answer_all(&session, &error);
    if (status == LEDE_OK && options->judgements)
        status = print_evaluation(&session, &error);
    session.out.index = NULL;
    lede_index_close(session.index);
    evaluation_done(&session.evaluation);
    output_done(&session.out);
    if (status != LEDE_OK)
        return fail(&error);
    if (session.code != EXIT_DONE)
        return session.code;
    return session.matched ? EXIT_DONE : EXIT_NO_MATCH;
}

static int print(const char *text)
{
    if (command_write(STDOUT_FILENO, text, strlen(text)))
        return EXIT_DONE;
    command_complain(PROGRAM, "standard output: %m");
    return EXIT_IO;
}

static int print_help(void)
{
    struct buffer page;
    int code;

    buffer_init(&page, NULL);
    flags_put_help(&page);
    buffer_byte(&page, '\0');
    code = page.failed ? EXIT_IO : print((const char *)page.data);
    buffer_done(&page);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct lede_error error;
    int code;

    if (options_parse(argc, argv, &options, &error) != LEDE_OK)
        code = fail(&error);
    else if (options.help)
        code = print_help();
    else if (options.version)
        code = print("lede-search " LEDE_VERSION "\n");
    else
        code = search(&options);
    options_done(&options);
    return code;
}

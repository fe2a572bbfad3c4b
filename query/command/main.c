/* lede-search: finds articles in an index. Answers go to standard output, all else to standard
 * error. */
#include <unistd.h>

#include "batch.h"
#include "caret.h"
#include "completion.h"
#include "flags.h"
#include "index/store.h"
#include "prompt.h"

static int fail(const struct lede_error *error)
{
    command_complain(SESSION_PROGRAM, "%s", error->text);
    return command_exit_code(error->status);
}

static enum lede_status print_evaluation(const struct options *options,
                                         const struct evaluation *evaluation,
                                         struct lede_error *err)
{
    struct output out;
    enum lede_status status;

    output_init(&out, STDOUT_FILENO, options);
    evaluation_print(evaluation, &out);
    if (evaluation->unjudged > 0 && !options->quiet)
        command_complain(SESSION_PROGRAM, "note: %zu %s without a relevant article in %s: left out",
                         evaluation->unjudged, evaluation->unjudged == 1 ? "topic" : "topics",
                         options->judgements);
    status = output_flush(&out, err);
    output_done(&out);
    return status;
}

static enum lede_status complete(const struct options *options, struct lede_index *index,
                                 bool *matched, struct lede_error *err)
{
    struct output out;
    enum lede_status status;

    output_init(&out, STDOUT_FILENO, options);
    out.index = index;
    status = completion_put(index, slice_str(options->complete), &out.text, err);
    *matched = out.text.size > 0;
    if (status == LEDE_OK)
        status = output_flush(&out, err);
    output_done(&out);
    return status;
}

static enum lede_status answer_many(const struct options *options, struct lede_index *index,
                                    struct evaluation *evaluation, struct batch_result *result,
                                    struct lede_error *err)
{
    enum lede_status status =
        batch_answer(options, index, options->judgements ? evaluation : NULL, result, err);

    return status == LEDE_OK && options->judgements ? print_evaluation(options, evaluation, err)
                                                    : status;
}

static int search(const struct options *options)
{
    struct lede_index *index = NULL;
    struct evaluation evaluation = {.topics = NULL};
    struct batch_result result = {.matched = false};
    struct lede_error error;
    enum lede_status status = LEDE_OK;

    command_catch_damage(SESSION_PROGRAM, store_maps);
    store_on_assert(command_end_damaged);
    if (options->judgements)
        status = evaluation_open(options->judgements, options->other_run, &evaluation, &error);
    if (status == LEDE_OK && !options->prompt)
        status = session_open_index(options, &index, &error);
    if (status == LEDE_OK && options->prompt) {
        result.matched = true;
        status = prompt_run(options, &error);
    } else if (status == LEDE_OK)
        status = options->complete ? complete(options, index, &result.matched, &error)
                 : options->query || options->similar
                     ? session_answer_one(options, index, &result.matched, &error)
                     : answer_many(options, index, &evaluation, &result, &error);
    lede_index_close(index);
    evaluation_done(&evaluation);
    if (status != LEDE_OK) {
        int code = fail(&error);

        caret_tell(slice_str(options->query), error.column);
        return code;
    }
    return result.refused ? EXIT_USAGE : result.matched ? EXIT_DONE : EXIT_NO_MATCH;
}

static int print(const char *text)
{
    if (command_write(STDOUT_FILENO, text, strlen(text)))
        return EXIT_DONE;
    command_complain(SESSION_PROGRAM, "standard output: %m");
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

    command_take_closed();
    if (options_parse(argc, argv, &options, &error) != LEDE_OK)
        code = fail(&error);
    else if (options.help)
        code = print_help();
    else if (options.version)
        code = print(SESSION_PROGRAM " " LEDE_VERSION "\n");
    else
        code = search(&options);
    options_done(&options);
    return code;
}

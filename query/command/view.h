/* view.h -- a hit with all that people want to see of it: article, passages, explanation. */
#ifndef LEDE_QUERY_COMMAND_VIEW_H
#define LEDE_QUERY_COMMAND_VIEW_H

#include "output.h"
#include "passage.h"

struct view {
    size_t rank; /* from 1; 0: not among the hits */
    struct slice id;
    double score;
    uint64_t copies; /* with --collapse: other articles that are copies of it */
    const struct lede_article *article;
    const struct lede_explanation *explanation; /* NULL: not asked for */
    struct passages passages;                   /* of the text; none if it is not kept */
    struct passages title;                      /* one; none if the article has no title */
    bool text_kept;                             /* else the article's text is empty here */
    const struct lede_span *spans;              /* of the words in the text, with options->open */
    size_t span_count;

    const struct answer *answer; /* what is below is kept from one hit to the next */
    struct lede_highlighter *highlighter;
    struct lede_stored *stored;
    struct lede_explanation *owned;
};

enum { PASSAGE_WIDTH = 220 }; /* bytes of a passage, about: three lines of 76 columns */

void view_init(struct view *view, const struct answer *answer);
void view_done(struct view *view);

/* How many there are to load: the hits, or the one article of --explain=ID. */
size_t view_count(const struct view *view);

/* Loads number place, instead of the one before; mark_title: looks for the words there, too.
 * LEDE_INVALID: there is no article with the ID of --explain=ID. */
enum lede_status view_load(struct view *view, size_t place, bool mark_title,
                           struct lede_error *err);

#endif

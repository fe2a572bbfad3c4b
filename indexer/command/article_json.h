/* article_json.h -- an article as the JSON object that `lede-index add -f jsonl` reads back.
 *
 *     {"id","title","text","date","url","language", metadata...,
 *      "source":{"path","offset","size"}}
 *
 * Empty members are left out, but for id, title and text; text is null where it was not kept.
 * Metadata are strings; one that is named like a member above is written with a "_" before it. */
#ifndef LEDE_COMMAND_ARTICLE_JSON_H
#define LEDE_COMMAND_ARTICLE_JSON_H

#include "base/buffer.h"
#include "lede.h"

/* Appends the object, without a newline. */
void article_json_put(struct buffer *out, const struct lede_article *article, bool text_kept);

#endif

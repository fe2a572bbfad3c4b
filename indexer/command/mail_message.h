/* mail_message.h -- the bytes of a mail as an article.
 *
 * Title is the subject, text what is there to be read: of alternatives the plain text, if it has
 * one, else the HTML as text; of several parts one after the other, of mails in it their subjects
 * and texts; attachments are left out. Author, to and list (List-Id) are metadata. A mail that has
 * parts in parts more than MAIL_DEPTH deep, or more than MAIL_PARTS, is read up to there. */
#ifndef LEDE_COMMAND_MAIL_MESSAGE_H
#define LEDE_COMMAND_MAIL_MESSAGE_H

#include "command/item.h"
#include "html/html_page.h"

enum { MAIL_DEPTH = 8, MAIL_PARTS = 1000, MAIL_METADATA = 4 };

struct mail_message {
    size_t max_text; /* bytes of the texts */
    bool quoted;     /* lines that begin with From have a > before them: of an mbox */
    struct html_page page;
    struct buffer text, subject, author, to, list, date, id;
    struct buffer field, decoded, converted;
    uint64_t replaced;
    unsigned parts; /* read so far */
    struct lede_field metadata[MAIL_METADATA];
    size_t metadata_count;
};

void mail_message_init(struct mail_message *message, size_t max_text, size_t max_tree);
void mail_message_done(struct mail_message *message);

/* Fills what the mail gives into item, whose bytes live until the next read: the id is the mail's
 * own, or empty; the source is the caller's. LEDE_LIMIT: its texts are too large; *err says so.
 * LEDE_NO_MEMORY. */
enum lede_status mail_message_read(struct mail_message *message, struct slice bytes,
                                   struct item *item, struct lede_error *err);

#endif

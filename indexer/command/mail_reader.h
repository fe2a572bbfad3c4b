/* mail_reader.h -- mails as articles: a file that is one (.eml), or an mbox, one a message.
 *
 * mail_message.h says what becomes of a mail. In an mbox one begins with a line "From ... 12:34
 * ..." at the beginning or behind an empty line. Id is its Message-ID, else that of the file, or in
 * an mbox STEM#n. An article's bytes in its source are the mail, with its From line.
 *
 * A mail is in memory as a whole, up to max_record bytes, its texts up to max_page. One that is
 * larger, or has neither a subject nor a text, is a skip by number and offset, and the next is
 * read. If the input cannot be read to its end, the mails before are kept. */
#ifndef LEDE_COMMAND_MAIL_READER_H
#define LEDE_COMMAND_MAIL_READER_H

#include "command/file_kind.h"
#include "command/input.h"
#include "command/mail_message.h"

/* Whether a file that begins so is an mbox: a From line, and a field behind it. */
enum head_answer mbox_recognizes(struct slice head);
/* Whether it is a mail: fields, one of them From, and one of Date, Message-ID, Received and
 * MIME-Version. */
enum head_answer mail_recognizes(struct slice head);

struct mail_reader {
    size_t max_record;
    struct input *input;
    const struct origin *origin;
    bool is_mbox, ended;
    uint64_t record; /* number of the mail that was read last, from 1 */
    struct mail_message message;
    struct buffer id;
};

void mail_reader_init(struct mail_reader *reader, size_t max_record, size_t max_page,
                      size_t max_tree);
void mail_reader_done(struct mail_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. */
void mail_reader_start(struct mail_reader *reader, struct input *input, const struct origin *origin,
                       bool is_mbox);

/* The next article or skip. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status mail_reader_next(struct mail_reader *reader, struct item *item,
                                  struct lede_error *err);

#endif

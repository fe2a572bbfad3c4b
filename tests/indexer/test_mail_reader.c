/* Mails and mboxes: what article each mail gives, and what is said of the others. */
#include "readings.h"

#include "indexer/command/mail_reader.h"

TestSuite(mail_reader, .init = readings_begin, .fini = readings_end);

static void put_item(const struct item *item, struct slice bytes)
{
    const struct lede_article *article = &item->article;

    put_record(item);
    if (item->kind == ITEM_SKIP)
        return;
    cr_assert_leq(article->source_offset + article->source_size, bytes.size);
}

static const char *read_as(enum input_format format, const char *name, struct slice bytes,
                           size_t step)
{
    struct reader_options options = {.format = format,
                                     .max_record = 2000,
                                     .max_text = 5000,
                                     .max_page = 1000,
                                     .max_tree = 100000};

    return read_items(&options, name, bytes, step, put_item);
}

static void check(struct slice bytes, const char *expected)
{
    for (size_t step = 0; step < 6; step++) {
        const char *got = read_as(FORMAT_MAIL, "f", bytes, step);

        cr_expect_str_eq(got, expected, "step %zu: %s not %s", step, got, expected);
    }
}

#define HEAD "From: a@b\nDate: Thu, 26 Feb 1987 16:01:01 +0100 (CET)\nSubject: S\n"
#define FROM "From a@b Thu Feb 26 15:01:01 1987\n"
#define FIND "|1987-02-26T15:01:01Z|author:a@b\n"

/* ---- what is read ---- */

Test(mail_reader, a_mail_is_an_article)
{
    check(BYTES(HEAD "Message-ID: <1@x>\nTo: b@c,\n\td@e\nList-Id: Herons <h.x>\n\nOne\n\nTwo\n"),
          "1@x|title=S|text=One\n\nTwo|1987-02-26T15:01:01Z|author:a@b|to:b@c, d@e"
          "|list:Herons <h.x>\n");
    check(BYTES("From: a@b\r\nSubject: S\r\nDate: soon\r\n\r\nOne\r\n"),
          "f|title=S|text=One|author:a@b|date:soon\n");
    check(BYTES("Subject: S"), "f|title=S\n");
    check(BYTES(""), "");
}

Test(mail_reader, words_and_texts_in_other_encodings_become_utf8)
{
    check(BYTES("Subject: =?utf-8?Q?Gr=C3=BC?= =?iso-8859-1?B?3w==?=\nFrom: =?latin1?q?J=F6rg?=\n"
                "Content-Type: text/plain; charset=\"iso-8859-1\"\n"
                "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9 =\nau lait\n"),
          "f|title=Gr\xc3\xbc\xc3\x9f|text=caf\xc3\xa9 au lait|author:J\xc3\xb6rg\n");
    check(BYTES("Subject: S\nContent-Type: text/plain; charset=utf-8\n"
                "Content-Transfer-Encoding: BASE64\n\naMOpcm9u\n"),
          "f|title=S|text=h\xc3\xa9ron\n");
}

Test(mail_reader, of_alternatives_the_plain_text_is_read_else_the_html)
{
    check(BYTES("Subject: S\nContent-Type: multipart/alternative; boundary=\"b b\"\n\nno\n--b b\n"
                "Content-Type: text/html\n\n<p>html</p>\n--b b\n\nplain\n--b b--\nno\n"),
          "f|title=S|text=plain\n");
    check(
        BYTES("Subject: S\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\n"
              "Content-Type: text/html\n\n<p>one<script>x</script><p>two &amp; &eacute;\n--b--\n"),
        "f|title=S|text=one\n\ntwo & \xc3\xa9\n");
}

Test(mail_reader, parts_are_read_one_after_the_other_without_attachments)
{
    check(BYTES("Subject: S\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n"
                "--b\nContent-Type: image/png\n\nnot\n"
                "--b\nContent-Disposition: attachment; filename=x\n\nnot\n"
                "--b\nContent-Type: text/plain; name=y\n\nnot\n"
                "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ntwo\n"
                "--bc\n--b\n\nthree\n"),
          "f|title=S|text=one\n\ninner\n\ntwo\n--bc\n\nthree\n");
}

Test(mail_reader, an_mbox_is_an_article_for_each_mail)
{
    check(BYTES(FROM HEAD "\n>From one\n>>From x\nFrom here 12:34\n\nFrom then\n\n" FROM
                          "Subject: T\nMessage-ID: <2@x>\n\ntwo\n\n" FROM "Subject: U\n\n\n"),
          "f#1|title=S|text=From one\n>From x\nFrom here 12:34\n\nFrom then" FIND
          "2@x|title=T|text=two\n"
          "f#3|title=U\n");
}

Test(mail_reader, mails_are_told_by_their_beginning_or_by_name)
{
    cr_expect_eq(mbox_recognizes(BYTES(FROM "Subject: x")), HEAD_YES);
    cr_expect_eq(mbox_recognizes(BYTES("From me to you at 12:34\n\ntext")), HEAD_NO);
    cr_expect_eq(mbox_recognizes(BYTES("From the start\nfield: x")), HEAD_NO);
    cr_expect_eq(mbox_recognizes(BYTES("From a")), HEAD_MORE);
    cr_expect_eq(mail_recognizes(BYTES("Received: x\n y\nFrom: z\n")), HEAD_YES);
    cr_expect_eq(mail_recognizes(BYTES("From: z\nSubject: y\n\n")), HEAD_NO);
    cr_expect_eq(mail_recognizes(BYTES("Note: z\nand text\n")), HEAD_NO);
    cr_expect_eq(mail_recognizes(BYTES("From: z\n")), HEAD_MORE);
    cr_expect_str_eq(read_as(FORMAT_AUTO, "f", BYTES(HEAD "\nOne\n"), 0),
                     "f|title=S|text=One" FIND);
    cr_expect_str_eq(read_as(FORMAT_AUTO, "f.eml", BYTES("Subject: x\n\nOne\n"), 1),
                     "f|title=x|text=One\n");
    cr_expect_str_eq(read_as(FORMAT_AUTO, "f.txt", BYTES("Subject: x\n\nOne\n"), 1),
                     "f|title=Subject: x|text=One\n\n");
}

/* ---- what is not ---- */

Test(mail_reader, a_mail_over_the_limit_is_passed_and_the_next_one_read)
{
    buffer_str(&file, FROM "Subject: S\n\n");
    for (int i = 0; i < 30000; i++)
        buffer_str(&file, i % 10 ? "heron " : "\n\nFrom ");
    buffer_printf(&file, "\n\n" FROM "Subject: T\n\n");
    for (size_t step = 0; step < 30000; step += 9973) {
        read_as(FORMAT_MAIL, "f", buffer_bytes(&file), step);
        cr_expect_eq(strncmp((char *)out.data, "skip 1 too_large: the mail has 183", 34), 0, "%s",
                     (char *)out.data);
        cr_expect_not_null(strstr((char *)out.data, "\nf#2|title=T\n"), "step %zu: %s", step,
                           (char *)out.data);
    }
}

Test(mail_reader, a_mail_with_too_much_text_or_none_is_a_skip)
{
    buffer_str(&file, "Subject: S\n\n");
    for (int i = 0; i < 180; i++)
        buffer_str(&file, "heron ");
    check(buffer_bytes(&file), "skip 1 too_large: its texts have more than 1000 bytes: see "
                               "--memory, --max-record\n");
    check(BYTES("To: x\nContent-Type: image/png\n\nx"),
          "skip 1 no_article: neither a subject nor a text\n");
}

Test(mail_reader, parts_that_nest_or_come_without_end_are_read_up_to_a_limit)
{
    struct reader_options options = {
        .format = FORMAT_MAIL, .max_record = 1 << 24, .max_page = 1 << 24, .max_tree = 1 << 24};
    struct origin origin = {slice_str("f"), slice_str("f"), true};
    struct reader *reader;
    struct item item;

    buffer_str(&file, "Subject: S\nContent-Type: multipart/mixed; boundary=b0\n\n");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&file, "--b%d\nContent-Type: multipart/alternative; boundary=b%d\n\n", i,
                      i + 1);
    for (int i = 0; i < 500000; i++)
        buffer_str(&file, "--b0\n\nx\n");
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL), LEDE_OK);
    cr_assert_eq(reader_next(reader, &item, NULL), LEDE_OK);
    cr_expect_eq(item.kind, ITEM_ARTICLE);
    cr_expect_leq(item.article.text.size, 3 * MAIL_PARTS);
    reader_close(reader);
}

/* Any bytes as a file of queries (the first byte says whether with ids): every line is given, in
 * order, without its end; of a file with ids, what is before and behind a tab. */
#include "query/command/topics.h"
#include "tests/fuzz/given_file.h"

static void check(bool fine)
{
    if (!fine)
        abort();
}

/* The next line of *text, as topics_next gives it. */
static struct slice next_line(struct slice *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    struct slice line = slice_of(text->data, size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE);

    size += end != NULL;
    *text = slice_of(text->data + size, text->size - size);
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
    return true;
}

static void check_line(struct slice line, bool with_ids, struct slice id, struct slice query)
{
    check(with_ids || slice_equal(query, line));
    if (!with_ids)
        return;
    check(id.size > 0 && id.size + 1 + query.size == line.size && line.data[id.size] == '\t');
    check(slice_equal(id, slice_of(line.data, id.size)) && !memchr(id.data, '\t', id.size));
    check(slice_equal(query, slice_of(line.data + id.size + 1, query.size)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct given_file file;
    struct topics topics;
    struct slice text, id, query;
    enum lede_status status;
    bool with_ids, more;

    if (size == 0)
        return 0;
    with_ids = data[0] & 1;
    text = slice_of(data + 1, size - 1);
    file = given_file_of(text);
    check(topics_open(&topics, file.path, with_ids, NULL) == LEDE_OK);
    while ((status = topics_next(&topics, &more, &id, &query, NULL)) == LEDE_OK && more) {
        struct slice line;

        do {
            check(text.size > 0);
            line = next_line(&text);
        } while (with_ids && is_blank(line));
        check_line(line, with_ids, id, query);
    }
    while (with_ids && text.size > 0 && status == LEDE_OK)
        check(is_blank(next_line(&text)));
    check(status == LEDE_OK ? text.size == 0 : status == LEDE_INVALID && with_ids);
    topics_close(&topics);
    given_file_done(&file);
    return 0;
}

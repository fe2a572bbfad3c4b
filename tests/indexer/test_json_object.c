#include "scratch.h"

#include "indexer/command/json_object.h"

static struct json_object quick, slow;

static void begin(void)
{
    json_object_init(&quick);
    json_object_init(&slow);
}

static void end(void)
{
    json_object_done(&quick);
    json_object_done(&slow);
}

TestSuite(json_object, .init = begin, .fini = end);

static bool is_scanned(struct slice line)
{
    struct json_object object;
    enum lede_status status;

    json_object_init(&object);
    status = json_scan(&object, line);
    json_object_done(&object);
    return status == LEDE_OK;
}

/* Reads a line both ways; they must agree in all that a reader of articles uses. */
static void compare(struct slice line)
{
    cr_assert_eq(json_object_read(&quick, line), LEDE_OK);
    cr_assert_eq(json_object_read_slowly(&slow, line), LEDE_OK);
    cr_assert_str_eq(quick.complaint, slow.complaint, "%.*s", (int)line.size, (char *)line.data);
    cr_assert_eq(quick.replaced, slow.replaced);
    if (slow.complaint[0])
        return;
    cr_assert_eq(quick.count, slow.count, "%.*s", (int)line.size, (char *)line.data);
    for (size_t i = 0; i < slow.count; i++) {
        cr_assert(slice_equal(quick.members[i].name, slow.members[i].name));
        cr_assert(slice_equal(quick.members[i].value, slow.members[i].value), "%.*s",
                  (int)line.size, (char *)line.data);
        cr_assert_eq(quick.members[i].kind, slow.members[i].kind);
    }
}

static void check(const char *line, bool scanned)
{
    compare(slice_str(line));
    cr_expect_eq(is_scanned(slice_str(line)), scanned, "%s", line);
}

Test(json_object, an_ordinary_object_is_scanned_and_means_what_jansson_says)
{
    check("{}", true);
    check(" { \"id\" : \"x\" ,\t\"n\" : 12 , \"t\":true,\"f\":false,\"z\":null } \r", true);
    check("{\"a\":\"\",\"b\":\"one\\ntwo \\\"three\\\" \\\\ \\/ \\t\\r\\b\\f four and twenty\"}",
          true);
    check("{\"a\":\"\\u0041\\u00e9\\u20ac\\u0000\\ud83d\\ude00\\uD83D\\uDE00\"}", true);
    check("{\"caf\u00e9\":\"na\u00efve \u20ac \U0001f600, and more than sixteen bytes\"}", true);
    check("{\"k\":[1, 2,{\"a\":[]}],\"o\":{\"b\":\"]}\\\"\"},\"last\":\"x\"}", true);
    check("{\"a\":1.5,\"b\":-0,\"c\":1e3,\"d\":0.1,\"e\":-17,\"f\":9223372036854775807}", true);
}

Test(json_object, what_the_scan_is_not_certain_of_is_for_jansson)
{
    check("{\"a\":\"x\",\"b\":1,\"a\":\"y\"}", false);
    check("{\"a\\u0062\":\"x\"}", false);
    check("{\"a\":\"\\ud83d\"}", false);
    check("{\"a\":\"\\ude00\\ud83d\"}", false);
    check("{\"a\":\"\\q\"}", false);
    check("{\"a\":\"tab\there\"}", false);
    check("{\"a\":\"caf\xe9\"}", false);
    check("{\"a\":\"\xed\xa0\x80 \xc0\x80\"}", false);
    check("{\"a\":9223372036854775808}", false);
    check("{\"a\":01}", false);
    check("{\"a\":[1}", false);
    check("{\"a\":}", false);
    check("{\"a\":1,}", false);
    check("{\"a\":1} {}", false);
    check("{\"a\" \"b\"}", false);
    check("{\"a\":\"b\"", false);
    check("[1]", false);
    check("", false);
    check("\"a\"", false);
}

Test(json_object, strings_of_any_size_end_where_they_end)
{
    char line[128];

    for (int size = 0; size < 70; size++)
        for (int escape = 0; escape <= size; escape++) {
            int used =
                snprintf(line, sizeof line, "{\"k\":\"%.*s%s%.*s\"}", escape,
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                         escape < size ? "\\n" : "", size - escape,
                         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

            check(line, true);
            compare(slice_of(line, (size_t)used - 2));
        }
}

Test(json_object, many_members_and_deep_values_go_the_other_way)
{
    struct buffer line;

    buffer_init(&line, NULL);
    for (unsigned count = 60; count < 70; count++) {
        buffer_clear(&line);
        for (unsigned i = 0; i < count; i++)
            buffer_printf(&line, "%c\"m%u\":\"v%u\"", i ? ',' : '{', i, i);
        buffer_byte(&line, '}');
        compare(buffer_bytes(&line));
        cr_expect_eq(quick.count, count);
    }
    for (int depth = 1000; depth < 5000; depth += 1000) {
        buffer_clear(&line);
        buffer_str(&line, "{\"deep\":");
        for (int i = 0; i < depth; i++)
            buffer_byte(&line, '[');
        for (int i = 0; i < depth; i++)
            buffer_byte(&line, ']');
        buffer_byte(&line, '}');
        compare(buffer_bytes(&line));
    }
    buffer_done(&line);
}

Test(json_object, random_damage_is_read_the_same_both_ways)
{
    static const char line[] = "{\"id\":\"x1\",\"title\":\"T \\u00e9\\ud83d\\ude00 and so on, for "
                               "a while\",\"n\":[1.5,{}],"
                               "\"date\":2023,\"text\":\"caf\u00e9 \u20ac\\n\\\"quoted\\\" \\\\ "
                               "end\",\"z\":null, \"b\":true}";
    static const char odd[] = "\"\\{}[],:u0dD8eE.-+ntf \t\r\n\x01\x7f\x80\xc3\xe2\xed\xf0\xff";
    unsigned seed = scratch_seed(), scanned = 0;
    char bytes[sizeof line];

    for (size_t cut = 0; cut < sizeof line; cut++)
        compare(slice_of(line, cut));
    for (int round = 0; round < 60000; round++) {
        memcpy(bytes, line, sizeof line);
        for (int flips = 1 + rand_r(&seed) % 3; flips > 0; flips--)
            bytes[(size_t)rand_r(&seed) % (sizeof line - 1)] =
                odd[(size_t)rand_r(&seed) % (sizeof odd - 1)];
        compare(slice_of(bytes, sizeof line - 1));
        scanned += is_scanned(slice_of(bytes, sizeof line - 1));
    }
    cr_expect_gt(scanned, 1000, "seed %u: most damage must not be all errors", seed);
}

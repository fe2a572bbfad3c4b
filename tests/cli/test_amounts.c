/* Numbers and sums of money as a user asks for them. */
#include <criterion/criterion.h>

#include <string.h>

#include "tests/command_runner.h"

TestSuite(amounts, .init = runner_init, .fini = runner_done, .timeout = 120);

static const char LINES[] =
    "{\"id\":\"short\",\"text\":\"The harbour cost $650M.\"}\n"
    "{\"id\":\"words\",\"text\":\"The harbour cost 650 million dollars.\"}\n"
    "{\"id\":\"digits\",\"text\":\"The harbour cost $650,000,000.\"}\n"
    "{\"id\":\"more\",\"text\":\"The harbour cost $720 million.\"}\n"
    "{\"id\":\"euros\",\"text\":\"The harbour cost 650 million euros.\"}\n"
    "{\"id\":\"deutsch\",\"language\":\"de\",\"text\":\"Der Hafen kostete 3,5 Mrd. Euro.\"}\n"
    "{\"id\":\"grouped\",\"text\":\"5,000 herons\"}\n"
    "{\"id\":\"plain\",\"text\":\"5000 herons\"}\n"
    "{\"id\":\"spelt\",\"text\":\"5 thousand herons\"}\n";

static void expect_found(const char *index, const char *query, const char *ids)
{
    struct run run = SEARCH("-q", "-d", index, "-l", "-n", "100", "--", query);
    char sorted[256] = "";

    for (const char *line = LINES; (line = strstr(line, "{\"id\":\"")); line++) {
        const char *id = line + 7;
        size_t size = strcspn(id, "\"");

        for (const char *at = run.out; *at; at += strcspn(at, "\n") + 1)
            if (strncmp(at, id, size) == 0 && at[size] == '\n') {
                strncat(sorted, id, size);
                strcat(sorted, " ");
            }
    }
    cr_expect_str_eq(sorted, ids, "%s: expected %s, found %s", query, ids, sorted);
    run_done(&run);
}

static const char *made(void)
{
    return runner_index("a.lede", LINES);
}

Test(amounts, a_sum_is_found_however_it_is_written)
{
    static const char *const queries[] = {"$650M", "650 million dollars", "$650,000,000",
                                          "USD 650 mn", "harbour $0.65bn"};
    const char *index = made();

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        expect_found(index, queries[i], "short words digits ");
    expect_found(index, "$650 million", "short words digits euros "); /* which has both words */
    expect_found(index, "\"650 million dollars\"", "words ");
    expect_found(index, "€3.5 billion", "deutsch ");
    expect_found(index, "harbour -$650M", "more euros ");
    expect_found(index, "title:$650M", "");
}

Test(amounts, a_number_is_found_with_and_without_separators)
{
    const char *index = made();

    expect_found(index, "5,000", "grouped plain spelt ");
    expect_found(index, "5000", "grouped plain spelt ");
    expect_found(index, "5 thousand", "grouped plain spelt ");
}

Test(amounts, a_range_is_found_in_its_currency)
{
    const char *index = made();

    expect_found(index, "$600M..$700M", "short words digits ");
    expect_found(index, "$650M..$720M", "short words digits more ");
    expect_found(index, "$700M..", "more ");
    expect_found(index, "..$700M", "short words digits ");
    expect_found(index, "€1..€9bn", "euros deutsch ");
    expect_found(index, "harbour -$600M..$700M", "more euros ");
    expect_found(index, "$700M..$600M", "");
}

Test(amounts, without_syntax_a_range_is_two_words_and_none_of_what_is_between)
{
    struct run run = SEARCH("-d", made(), "-F", "-c", "$600M..$700M");

    cr_expect_str_eq(run.out, "0\n", "%s", run.out);
    run_done(&run);
}

Test(amounts, what_was_found_is_shown)
{
    struct run run = SEARCH("-d", made(), "--format", "jsonl", "$600M..$700M");

    cr_expect(strstr(run.out, "\"highlights\":[["), "%s", run.out);
    run_done(&run);
}

/* Any bytes as a file of judgements (the first byte even) or of a run, by judgements that are
 * sound: what is read is sorted, every topic is found, and every measure is a share. */
#include "query/command/evaluation.h"
#include "tests/fuzz/given_file.h"

static const char SOUND[] = "1 0 a 1\n1 0 b 2\n2 0 c 1\n2 0 d 0\n";

static void check(bool fine)
{
    if (!fine)
        abort();
}

static void check_measures(const struct measures *measures)
{
    for (int i = 0; i < MEASURES; i++)
        check(measures->of[i] >= 0 && measures->of[i] <= 1 + 1e-9);
}

static void check_judgements(const char *path)
{
    struct judgements judgements;
    struct measures measures;

    if (judgements_read(path, &judgements, NULL) == LEDE_OK)
        for (size_t i = 0; i < judgements.count; i++) {
            const struct judgement *item = &judgements.items[i], *all;
            size_t count;

            check(i == 0 || slice_compare(item[-1].topic, item->topic) <= 0);
            all = judgements_of(&judgements, item->topic, &count);
            check(all <= item && item < all + count);
            (void)measures_of(all, count, &item->id, 1, &measures);
            check_measures(&measures);
        }
    judgements_done(&judgements);
}

static void check_run(const char *path)
{
    struct given_file sound = given_file_of(slice_str(SOUND));
    struct evaluation evaluation;

    if (evaluation_open(sound.path, path, &evaluation, NULL) == LEDE_OK)
        for (size_t i = 0; i < evaluation.topic_count; i++)
            check_measures(&evaluation.topics[i].other);
    evaluation_done(&evaluation);
    given_file_done(&sound);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct given_file file;

    if (size == 0)
        return 0;
    file = given_file_of(slice_of(data + 1, size - 1));
    if (data[0] % 2 == 0)
        check_judgements(file.path);
    else
        check_run(file.path);
    given_file_done(&file);
    return 0;
}

/* What two sequences have in common, against plain loops, by every processor's instructions. */
#include <criterion/criterion.h>

#include "join.h"
#include "tests/index/dice.h"

enum { ROOM = 600, ROUNDS = 4000 };

struct sequence {
    uint32_t values[ROOM + JOIN_TAIL], count;
};

/* Rising, with gaps of up to `gap` mostly, and the tail behind. */
static void roll_sequence(struct dice *dice, struct sequence *out)
{
    uint32_t gap = 1 + dice_below(dice, dice_below(dice, 2) ? 4 : 200), value = 0;

    out->count = dice_below(dice, dice_below(dice, 2) ? 20 : ROOM);
    for (uint32_t i = 0; i < out->count; i++) {
        value += 1 + dice_below(dice, gap);
        out->values[i] = value;
    }
    memset(out->values + out->count, 0xff, JOIN_TAIL * sizeof *out->values);
}

static bool has(const uint32_t *values, uint32_t from, uint32_t end, int64_t value, uint32_t *place)
{
    for (*place = from; *place < end; ++*place)
        if (values[*place] == value)
            return true;
    return false;
}

static void check_places(struct dice *dice, const struct sequence *a, const struct sequence *b)
{
    struct join_side left = {a->values, 0, a->count}, right = {b->values, 0, b->count};
    uint16_t in_left[ROOM + 1], in_right[ROOM + 1];
    uint32_t found, expected = 0, place;

    left.from = dice_below(dice, a->count + 1);
    left.end = left.from + dice_below(dice, a->count - left.from + 1);
    right.from = dice_below(dice, b->count + 1);
    right.end = right.from + dice_below(dice, b->count - right.from + 1);
    /* As it is used: what is behind the end is also above what is looked for. */
    while (right.end < b->count && left.from < left.end &&
           b->values[right.end] <= a->values[left.end - 1])
        right.end++;
    found = join_places(&left, &right, in_left, in_right);
    for (uint32_t i = left.from; i < left.end; i++) {
        if (!has(b->values, right.from, right.end, a->values[i], &place))
            continue;
        cr_assert_lt(expected, found, "LEDE_SEED=%llu", (unsigned long long)dice->seed);
        cr_assert(in_left[expected] == i && in_right[expected] == place, "LEDE_SEED=%llu",
                  (unsigned long long)dice->seed);
        expected++;
    }
    cr_assert_eq(found, expected, "LEDE_SEED=%llu", (unsigned long long)dice->seed);
}

static void check_keep(struct dice *dice, const struct sequence *a, const struct sequence *b)
{
    int64_t distance = dice_below(dice, 20);
    uint32_t kept[ROOM + JOIN_TAIL], skipped = 0, count, expected = 0, place;

    if (dice_below(dice, 2))
        distance = -distance;
    while (skipped < a->count && a->values[skipped] + distance < 0)
        skipped++;
    memcpy(kept, a->values + skipped, (a->count - skipped) * sizeof *kept);
    count = join_keep(kept, a->count - skipped, b->values, b->count, distance);
    for (uint32_t i = skipped; i < a->count; i++) {
        if (!has(b->values, 0, b->count, a->values[i] + distance, &place))
            continue;
        cr_assert(expected < count && kept[expected] == a->values[i], "LEDE_SEED=%llu",
                  (unsigned long long)dice->seed);
        expected++;
    }
    cr_assert_eq(count, expected, "LEDE_SEED=%llu", (unsigned long long)dice->seed);
}

static void check_lower_bound(struct dice *dice, const struct sequence *a)
{
    uint32_t from = dice_below(dice, a->count + 1), place = from;
    uint32_t wanted = dice_below(dice, a->count ? a->values[a->count - 1] + 3 : 3);

    while (place < a->count && a->values[place] < wanted)
        place++;
    cr_assert_eq(join_lower_bound(a->values, from, a->count, wanted), place, "LEDE_SEED=%llu",
                 (unsigned long long)dice->seed);
}

/* Each test is a process of its own, which chooses once. */
static void check_all(const char *level)
{
    struct dice dice = dice_new();
    struct sequence a, b;

    cr_assert_eq(setenv("LEDE_CPU", level, 1), 0);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        roll_sequence(&dice, &a);
        roll_sequence(&dice, &b);
        check_places(&dice, &a, &b);
        check_keep(&dice, &a, &b);
        check_lower_bound(&dice, &a);
    }
}

Test(join, portable_joins_are_those_of_plain_loops)
{
    check_all("portable");
}

Test(join, sse_joins_are_those_of_plain_loops)
{
    check_all("sse4");
}

Test(join, avx2_joins_are_those_of_plain_loops)
{
    check_all("avx2");
}

Test(join, avx512_joins_are_those_of_plain_loops)
{
    check_all("avx512");
}

Test(join, positions_at_the_end_of_32_bits_end_the_walk)
{
    uint32_t values[] = {5, UINT32_MAX - 3, UINT32_MAX - 2};
    uint32_t others[2 + JOIN_TAIL] = {7, UINT32_MAX - 1};

    memset(others + 2, 0xff, JOIN_TAIL * sizeof *others);
    cr_assert_eq(join_keep(values, 3, others, 2, 2), 2);
    cr_assert(values[0] == 5 && values[1] == UINT32_MAX - 3);
}

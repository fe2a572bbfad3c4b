#include "index/bound.h"

#include <math.h>

/* Of float32 arithmetic: part of the factor, and part of the weight. See bound.h. */
#define SLACK           0x1p-20
#define SLACK_OF_WEIGHT 0x1p-22
#define SLACK_OF_FLOORS 0x1p-12

void bound_model_init(struct bound_model *model, double k1, double b, double average)
{
    model->k1 = k1;
    model->b = b;
    model->average = average;
    for (unsigned code = 0; code < 256; code++) {
        double ratio = average > 0 ? norm_decode((uint8_t)code) / average : 1;

        model->k[code] = k1 * (1 - b + b * ratio);
    }
}

uint8_t bound_ceiling_of(double factor)
{
    double byte = ceil(255 * (factor * (1 + SLACK) + SLACK_OF_WEIGHT));

    return (uint8_t)(byte < 255 ? byte : 255);
}

uint8_t bound_floor_of(double factor)
{
    double byte = 255 * (factor * (1 - SLACK) - SLACK_OF_WEIGHT);

    return (uint8_t)(byte > 0 ? byte : 0);
}

uint8_t bound_ceiling(const struct bound_model *model, uint32_t tf, uint8_t code)
{
    return bound_ceiling_of(bound_factor(model, tf, code));
}

uint8_t bound_floor(const struct bound_model *model, uint32_t tf, uint8_t code)
{
    return bound_floor_of(bound_factor(model, tf, code));
}

/* K_stored / K_query of a length; 1 where both are 0, for then both factors are 1. */
static double ratio_at(const struct bound_model *stored, const struct bound_model *query,
                       uint8_t code)
{
    return stored->k[code] == query->k[code] ? 1 : stored->k[code] / query->k[code];
}

double bound_scale(const struct bound_model *stored, const struct bound_model *query,
                   uint8_t shortest, uint8_t longest)
{
    double scale = fmax(ratio_at(stored, query, shortest), ratio_at(stored, query, longest));

    return scale > 1 ? scale * (1 + SLACK) : 1;
}

double bound_floor_scale(const struct bound_model *stored, const struct bound_model *query,
                         uint8_t shortest, uint8_t longest)
{
    double scale = fmin(ratio_at(stored, query, shortest), ratio_at(stored, query, longest));

    return scale < 1 ? fmax(0, scale - SLACK_OF_FLOORS) : 1;
}

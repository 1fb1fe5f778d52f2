#include "activations.h"

#include <math.h>

void rk_silu(float *values, size_t count)
{
    /* Far below zero the exponential is infinite, and the quotient the zero that it should be. */
    for (size_t i = 0; i < count; i++)
        values[i] = values[i] / (1.0f + expf(-values[i]));
}

void rk_softplus(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float x = values[i];
        values[i] = (x > 0.0f ? x : 0.0f) + log1pf(expf(-fabsf(x)));
    }
}

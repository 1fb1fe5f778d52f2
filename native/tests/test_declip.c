/* The restoration of clipped samples by itself: random masks, frames and steps. */

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restorack_declip.h"

static uint64_t state = 0x9e3779b97f4a7c15u;

static double random_unit(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static void *exactly(size_t count, size_t each)
{
    void *made = malloc(count * each);
    assert(made != NULL);
    return made;
}

static void run(int size, size_t overlap, size_t frames, size_t steps)
{
    const double pi = 3.14159265358979323846;
    const size_t hop = (size_t)size / overlap, bins = (size_t)size / 2 + 1;
    const size_t samples = (frames - 1) * hop + (size_t)size;
    rk_fft *fft = rk_fft_new(size);
    double *window = exactly((size_t)size, sizeof *window);
    double *weights = exactly(bins, sizeof *weights), *x = exactly(samples, sizeof *x);
    double *bound = exactly(samples, sizeof *bound);
    float *sides = exactly(samples, sizeof *sides);
    for (int i = 0; i < size; i++)
        window[i] = (0.5 - 0.5 * cos(2.0 * pi * i / size)) / sqrt(0.375 * (double)overlap);
    for (size_t k = 0; k < bins; k++)
        weights[k] = 1.0 + random_unit();
    for (size_t i = 0; i < samples; i++) {
        x[i] = sin(0.1 * (double)i) + 0.2 * random_unit();
        sides[i] = fabs(x[i]) > 0.7 ? (x[i] > 0.0 ? 1.0f : -1.0f) : 0.0f;
        x[i] = sides[i] != 0.0f ? 0.7 * (double)sides[i] : x[i];
    }
    memcpy(bound, x, samples * sizeof *x);
    const rk_declip_plan plan = {fft,
                                 window,
                                 hop,
                                 weights,
                                 (size_t)(3.0 * random_unit()),
                                 (size_t)(3.0 * random_unit()),
                                 steps,
                                 0.3,
                                 1e-3,
                                 1.0 + 0.9 * random_unit()};
    double *work = exactly(rk_declip_workspace(&plan, frames), sizeof *work);
    rk_declip(&plan, x, bound, sides, frames, work);
    for (size_t i = 0; i < samples; i++) {
        assert(isfinite(x[i]));
        if (sides[i] == 0.0f)
            assert(x[i] == bound[i]);
        else
            assert((double)sides[i] * x[i] >= (double)sides[i] * bound[i]);
    }
    memset(sides, 0, samples * sizeof *sides); /* nothing to restore */
    memcpy(x, bound, samples * sizeof *x);
    rk_declip(&plan, x, bound, sides, frames, work);
    assert(memcmp(x, bound, samples * sizeof *x) == 0);
    free(work);
    free(sides);
    free(bound);
    free(x);
    free(weights);
    free(window);
    rk_fft_free(fft);
}

int main(void)
{
    const int sizes[] = {32, rk_fft_size_from(70), 64, 256};
    for (int i = 0; i < 60; i++)
        run(sizes[i % 4], i % 3 == 0 ? 2 : 4, 1 + (size_t)(20.0 * random_unit()),
            1 + (size_t)(6.0 * random_unit()));
    puts("declip: restored, consistent");
    return 0;
}

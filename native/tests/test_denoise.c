/* Gain rules and band statistics by themselves, for the sanitizers: small and odd sizes, and exactly
   the memory that they ask for. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restorack_denoise.h"
#include "restorack_refine.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static unsigned long long state = 1;

static double *noise(size_t count, double scale)
{
    double *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        values[i] = -scale * log(((double)(unsigned)(state >> 33) + 1.0) / 2147483649.0);
    }
    return values;
}

static void check_gains(const double *gain, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(gain[i] >= 0.0 && gain[i] <= 1.0);
}

static void test_gains(size_t frames, size_t bins, double scale)
{
    double thresholds[RK_BLOCK_ROWS * RK_BLOCK_COLUMNS];
    for (int i = 0; i < RK_BLOCK_ROWS * RK_BLOCK_COLUMNS; i++)
        thresholds[i] = 1.2 + 0.15 * i;
    double *ratio = noise((frames + 16) * bins, scale), *out = noise(frames * bins, 1.0);
    double *median = noise(frames * bins, 1.0), *work = noise(rk_median_workspace(bins), 1.0);
    double *carried = noise(8 * bins, 1.0), *again = noise(frames * bins, 1.0);
    rk_block_factors(ratio, frames, bins, thresholds, NULL, out, NULL);
    check_gains(out, frames * bins);
    for (size_t t = 0; t < frames; t += 8)
        rk_block_factors(ratio + t * bins, 8, bins, thresholds, t ? carried : NULL,
                         again + t * bins, carried);
    CHECK(memcmp(out, again, frames * bins * sizeof *out) == 0);
    free(carried), free(again);
    rk_median_ratio(ratio, frames, bins, median, work);
    rk_log_mmse_beside(ratio, median, frames, bins, thresholds, NULL, out, NULL);
    check_gains(out, frames * bins);
    rk_prior_ratio(ratio, median, frames, bins, thresholds, NULL, out, NULL);
    double *whole = noise((frames + 6) * bins, 0.1);
    rk_without_peaks(whole, frames, bins, 2.0, out, work);
    for (size_t i = 0; i < frames * bins; i++)
        CHECK(out[i] <= whole[3 * bins + i]);
    if (frames == RK_GROUP) {
        double *memory = noise(24 * bins, 1.0);
        rk_subtract(ratio, bins, out);
        check_gains(out, frames * bins);
        rk_gate(ratio, bins, out, memory);
        check_gains(out, frames * bins);
        free(memory);
    }
    free(ratio), free(out), free(median), free(work), free(whole);
}

static void test_cells(size_t channels, size_t bins, double scale)
{
    double *spectra = noise(2 * channels * 8 * bins, scale), *density = noise(bins, scale);
    double *ratio = noise(8 * bins, 1.0), *change = noise(2 * channels * 8 * bins, 1.0);
    double *gain = noise(8 * bins, 0.1);
    rk_posterior_ratio(spectra, channels, 8, bins, density, 0.1, 1e-16, 1e9, ratio);
    rk_gain_change(spectra, gain, ratio, channels, 8 * bins, 0.5, 0.1, 1e9, change);
    for (size_t k = 0; k < 8 * bins; k++)
        CHECK(ratio[k] >= 0.0 && ratio[k] <= 1e9 && (ratio[k] < 1e9 || change[2 * k] == 0.0));
    free(spectra), free(density), free(ratio), free(change), free(gain);
}

static void test_bands(size_t channels, size_t frames, size_t bins)
{
    const int64_t edges[] = {0, 1, 2, (int64_t)bins / 2, (int64_t)bins};
    int64_t ranks[12];
    for (int band = 0; band < 4; band++)
        for (int which = 0; which < 3; which++)
            ranks[3 * band + which] =
                ((edges[band + 1] - edges[band]) * (int64_t)frames - 1) * which / 2;
    double *cells = noise(channels * (frames + 2) * bins, 1.0), *work = noise(2 * bins, 1.0);
    double *quiet = calloc(4 * frames, sizeof *quiet), *mean = calloc(4 * frames, sizeof *mean);
    rk_band_powers(cells, frames, bins, edges, edges + 1, 4, 0.6, 1.0, quiet, mean, work);
    for (size_t i = 0; i < 4 * frames; i++)
        CHECK(quiet[i] > 0.0 && quiet[i] <= mean[i] * (1.0 + 1e-12));
    double *found = noise(12 * channels, 1.0);
    double *more = noise((channels * frames + 1) * bins, 1.0);
    rk_band_quantiles(cells, channels, frames, bins, edges, 4, ranks, 1.4, found, more);
    for (size_t i = 0; i < 8 * channels; i++)
        CHECK(found[i] <= found[4 * channels + i]);
    free(cells), free(work), free(quiet), free(mean), free(found), free(more);
}

static void test_refine(size_t channels, size_t bins, double strength, double scale)
{
    const size_t all = RK_LONGER * (bins - 1) + 1, frames = 2 * channels * RK_LONG_FRAMES * all;
    double *shorts = noise(2 * channels * RK_SHORT_FRAMES * bins, scale);
    double *longs = noise(2 * frames, scale), *floor = noise(all, scale);
    double *change = noise(frames, 1.0), *work = noise(rk_refine_workspace(bins), 1.0);
    const rk_refining state = {calloc(RK_RECENT_FRAMES * bins, sizeof(double)),
                               calloc(10 * bins, sizeof(double)), calloc(frames, sizeof(double))};
    const rk_refined group = {channels, bins, shorts, longs, floor, strength, 0.01, 0.1};
    for (int i = 0; i < 3; i++) {
        rk_refine(&group, &state, change, work);
        for (size_t k = 0; k < frames; k++)
            CHECK(isfinite(change[k]) && (i > 0 || change[k] == 0.0));
    }
    free(shorts), free(longs), free(floor), free(change), free(work);
    free(state.recent), free(state.risks), free(state.waiting);
}

int main(void)
{
    const size_t bins[] = {1, 2, 3, 4, 7, 16, 17, 33, 100};
    const double scales[] = {0.0, 1e-30, 1.0, 1e9};
    for (size_t i = 0; i < sizeof bins / sizeof *bins; i++)
        for (size_t j = 0; j < sizeof scales / sizeof *scales; j++)
            for (size_t frames = 8; frames < 40; frames += 16)
                test_gains(frames, bins[i], scales[j]);
    for (size_t frames = 1; frames < 9; frames++)
        test_bands(1 + frames % 3, frames, 6 + 3 * frames);
    for (size_t i = 0; i < sizeof bins / sizeof *bins; i++)
        for (size_t j = 0; j < sizeof scales / sizeof *scales; j++)
            test_cells(1 + i % 2, bins[i], scales[j]);
    for (size_t channels = 1; channels < 3; channels++)
        for (size_t i = 1; i < sizeof bins / sizeof *bins; i++)
            for (size_t j = 0; j < sizeof scales / sizeof *scales - 1; j++)
                test_refine(channels, bins[i], (double)(i % 3) / 2.0, scales[j]);
    printf("gains and bands, %d failures\n", failures);
    return failures != 0;
}

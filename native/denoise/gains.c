#include "restorack_denoise.h"

#include <math.h>
#include <string.h>

#include "processors.h"

enum { MOST_LANES = 8 };

/* One way to compute gains. */
typedef struct {
    void (*log_mmse)(const double *prior, const double *posterior, double *gain, size_t count);
    void (*larger_median)(const double *x, size_t bins, double *out, double *work);
    void (*block_factors)(const double *ratio, size_t frames, size_t bins,
                          const double *thresholds, const double *before, double *out,
                          double *after);
} rk_gain_loops;

/* Where the blocks of a size begin among the sums of all sizes. */
static const int FIRST_ROW[RK_BLOCK_ROWS] = {6, 4, 0};
static const int FIRST_COLUMN[RK_BLOCK_COLUMNS] = {30, 28, 24, 16, 0};

#if RK_X86
#define RK_LANES 4
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "gains_template.h"
#endif

#if RK_VECTORS
#define RK_LANES 2
#else
#define RK_LANES 1
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "gains_template.h"

static const rk_gain_loops *loops(void)
{
#if RK_X86
    if (rk_has_avx2())
        return &GAINS_avx2;
#endif
    return &GAINS_portable;
}

double rk_exponential_integral(double x)
{
    if (x <= 1.0) {
        double series = 0.00107857;
        const double of[] = {-0.00976004, 0.05519968, -0.24991055, 0.99999193, -0.57721566};
        for (int i = 0; i < 5; i++)
            series = series * x + of[i];
        return series - log(x);
    }
    const double above = 0.2677737343 + x * (8.6347608925 + x * (18.0590169730
                                                               + x * (8.5733287401 + x)));
    const double below = 3.9584969228 + x * (21.0996530827 + x * (25.6329561486
                                                                + x * (9.5733223454 + x)));
    return exp(-x) / x * above / below;
}

void rk_log_mmse(const double *prior, const double *posterior, double *gain, size_t count)
{
    loops()->log_mmse(prior, posterior, gain, count);
}

void rk_block_factors(const double *ratio, size_t frames, size_t bins, const double *thresholds,
                      const double *before, double *out, double *after)
{
    loops()->block_factors(ratio, frames, bins, thresholds, before, out, after);
}

size_t rk_median_workspace(size_t bins)
{
    return bins + 8 + 9 * MOST_LANES;
}

void rk_median_ratio(const double *ratio, size_t frames, size_t bins, double *out, double *work)
{
    for (size_t t = 0; t < frames; t++) {
        double *row = out + t * bins;
        loops()->larger_median(ratio + (5 + t) * bins, bins, row, work);
        for (size_t k = 0; k < bins; k++)
            row[k] = row[k] > 2.0 ? row[k] - 2.0 : 0.0;
    }
}

void rk_prior_ratio(const double *ratio, const double *median, size_t frames, size_t bins,
                    const double *thresholds, const double *before, double *prior, double *after)
{
    const double least = 0.00316227766016837933; /* -25 dB */
    rk_block_factors(ratio, frames, bins, thresholds, before, prior, after);
    for (size_t i = 0; i < frames * bins; i++) {
        const double power = prior[i] * prior[i] * ratio[8 * bins + i];
        const double both = 0.5 * (power + median[i]);
        prior[i] = both > least ? both : least;
    }
}

void rk_log_mmse_beside(const double *ratio, const double *median, size_t frames, size_t bins,
                        const double *thresholds, const double *before, double *gain,
                        double *after)
{
    rk_prior_ratio(ratio, median, frames, bins, thresholds, before, gain, after);
    rk_log_mmse(gain, ratio + 8 * bins, gain, frames * bins);
}

void rk_without_peaks(const double *gain, size_t frames, size_t bins, double most, double *out,
                      double *work)
{
    for (size_t t = 0; t < frames; t++) {
        double *row = out + t * bins;
        loops()->larger_median(gain + t * bins, bins, row, work);
        for (size_t k = 0; k < bins; k++) {
            const double own = gain[(t + 3) * bins + k], limit = most * row[k];
            row[k] = own < limit ? own : limit;
        }
    }
}

/* The mean over 2 * rows + 1 by 2 * columns + 1 cells, as far as there are bins. */
static double mean_around(const double *x, size_t bins, size_t t, size_t k, size_t rows,
                          size_t columns)
{
    const size_t low = k > columns ? k - columns : 0;
    const size_t high = k + columns + 1 < bins ? k + columns + 1 : bins;
    double total = 0.0;
    for (size_t a = t - rows; a <= t + rows; a++)
        for (size_t b = low; b < high; b++)
            total += x[a * bins + b];
    return total / (double)((2 * rows + 1) * (high - low));
}

void rk_subtract(const double *ratio, size_t bins, double *gain)
{
    for (size_t t = 0; t < RK_GROUP; t++)
        for (size_t k = 0; k < bins; k++) {
            const double around = mean_around(ratio, bins, 8 + t, k, 2, 0);
            const double mean = around > 1e-9 ? around : 1e-9;
            double over = 4.0 - 0.15 * 10.0 * log10(mean);
            over = over < 1.0 ? 1.0 : over > 4.0 ? 4.0 : over;
            const double power = 1.0 - over / mean;
            gain[t * bins + k] = sqrt(power > 0.0 ? power : 0.0);
        }
}

void rk_gate(const double *ratio, size_t bins, double *gain, double *work)
{
    memset(work, 0, 24 * bins * sizeof(double));
    for (size_t t = 4; t < 20; t++)
        for (size_t k = 0; k < bins; k++) {
            const double around = mean_around(ratio, bins, t, k, 1, 1);
            const double level = 10.0 * log10(around > 1e-9 ? around : 1e-9);
            work[t * bins + k] = 1.0 / (1.0 + exp(-1.5 * (level - 4.0)));
        }
    for (size_t t = 0; t < RK_GROUP; t++)
        for (size_t k = 0; k < bins; k++) {
            const double own = work[(8 + t) * bins + k];
            const double around = mean_around(work, bins, 8 + t, k, 3, 2);
            gain[t * bins + k] = own > around ? own : around;
        }
}

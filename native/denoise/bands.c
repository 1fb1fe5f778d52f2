#include "restorack_denoise.h"

#include <math.h>
#include <string.h>

#include "order_statistics.h"

/* Added to every power, so that digital silence has a logarithm. */
#define FAINTEST 1e-14

void rk_band_powers(const double *densities, size_t frames, size_t bins, const int64_t *first,
                    const int64_t *end, size_t bands, double share, double weight, double *quiet,
                    double *mean, double *work)
{
    double *cells = work + bins;
    for (size_t t = 0; t < frames; t++) {
        const double *here = densities + t * bins;
        for (size_t k = 0; k < bins; k++)
            work[k] = (here[k] + here[bins + k] + here[2 * bins + k]) / 3.0 + FAINTEST;
        for (size_t band = 0; band < bands; band++) {
            const size_t count = (size_t)(end[band] - first[band]);
            double low = 0.0, all = 0.0;
            size_t kept = (size_t)ceil(share * (double)count);
            kept = kept < 2 ? 2 : kept;
            kept = kept > count ? count : kept;
            memcpy(cells, work + first[band], count * sizeof(double));
            if (kept < count)
                rk_put_in_place(cells, count, kept);
            for (size_t k = 0; k < count; k++) {
                low += k < kept ? cells[k] : 0.0;
                all += cells[k];
            }
            quiet[t * bands + band] += weight * low / (double)kept;
            mean[t * bands + band] += weight * all / (double)count;
        }
    }
}

/* The median of the cells of some bins, in all frames of a patch. */
static double median_of(const double *cells, size_t rows, size_t bins, size_t first, size_t width,
                        double *work)
{
    for (size_t t = 0; t < rows; t++)
        memcpy(work + t * width, cells + t * bins + first, width * sizeof(double));
    return rk_median(work, rows * width) + 1e-20;
}

void rk_band_quantiles(const double *densities, size_t channels, size_t frames, size_t bins,
                       const int64_t *edges, size_t bands, const int64_t *ranks, double wide,
                       double *found, double *work)
{
    double *slope = work + channels * frames * bins;
    for (size_t band = 0; band < bands; band++) {
        const size_t begin = (size_t)edges[band], width = (size_t)edges[band + 1] - begin;
        const int is_wide = width > 1 && (double)edges[band + 1] > wide * (double)begin;
        double per_bin = 1.0;
        const size_t half = width / 2;
        if (is_wide) {
            const size_t rows = channels * frames;
            const double lower = median_of(densities, rows, bins, begin, half, work);
            const double upper = median_of(densities, rows, bins, begin + width - half, half, work);
            per_bin = lower / upper;
        }
        for (size_t k = 0; k < width; k++)
            slope[k] = is_wide ? pow(per_bin, ((double)k - 0.5 * ((double)width - 1.0))
                                                  / (double)(width - half))
                               : 1.0;
        for (size_t channel = 0; channel < channels; channel++) {
            for (size_t t = 0; t < frames; t++)
                for (size_t k = 0; k < width; k++)
                    work[t * width + k] =
                        densities[(channel * frames + t) * bins + begin + k] * slope[k];
            for (size_t which = 0; which < 3; which++) {
                const size_t rank = (size_t)ranks[3 * band + which];
                rk_put_in_place(work, frames * width, rank);
                found[(which * bands + band) * channels + channel] = work[rank];
            }
        }
    }
}

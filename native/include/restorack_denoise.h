/* restorack's gain rules for noisy spectra whose noise floor is known, and the order statistics that
   floors are measured by. Planes are frames x bins of double, bins innermost. Nothing allocates;
   work is memory for a call. Values are not checked: they are to be finite.

   A ratio is the a posteriori signal-to-noise ratio: the power over the floor's. Of `frames` frames
   the functions look at 8 more on both sides, and frames is a multiple of 8. */

#ifndef RESTORACK_DENOISE_H
#define RESTORACK_DENOISE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RK_GROUP = 8, RK_BLOCK_ROWS = 3, RK_BLOCK_COLUMNS = 5 };

/* Abramowitz & Stegun 5.1.53 (error below 2e-7) up to 1 and 5.1.56 (5e-8 of exp(-x)/x) above. */
double rk_exponential_integral(double x);

/* gain[i]: that of Ephraim & Malah 1985, equation 20, at most 1. */
void rk_log_mmse(const double *prior, const double *posterior, double *gain, size_t count);

/* Block thresholding (Yu, Mallat & Bacry 2008): out, frames x bins, is the mean of four shifted cuts.
   thresholds: of blocks of 8, 4, 2 frames by 16, 8, 4, 2, 1 bins. Blocks begin every 2 frames and
   reach into the 8 frames that follow: `after`, 8 x bins, is what they add there, and `before` of the
   next call, so that no block is computed twice. Either may be NULL, and both the same memory. */
void rk_block_factors(const double *ratio, size_t frames, size_t bins, const double *thresholds,
                      const double *before, double *out, double *after);

/* The ratio of medians over 7 frames or 7 bins, the larger one (FitzGerald 2010), less 2. */
void rk_median_ratio(const double *ratio, size_t frames, size_t bins, double *out, double *work);
size_t rk_median_workspace(size_t bins);

/* Log-spectral amplitude gains, given rk_median_ratio; or the a priori ratios that they are made
   from, at least -25 dB. */
void rk_log_mmse_beside(const double *ratio, const double *median, size_t frames, size_t bins,
                        const double *thresholds, const double *before, double *gain,
                        double *after);
void rk_prior_ratio(const double *ratio, const double *median, size_t frames, size_t bins,
                    const double *thresholds, const double *before, double *prior, double *after);

/* The a posteriori ratio of spectra, channels x frames x bins pairs: the channels' mean power times
   `scale`, over the noise's `density`; `largest` at most, and where the density is `inaudible`. */
void rk_posterior_ratio(const double *spectra, size_t channels, size_t frames, size_t bins,
                        const double *density, double scale, double inaudible, double largest,
                        double *ratio);

/* What to add to spectra for gains of at least `lowest`, `strength` of it; nothing where the ratio is
   `largest`, as no noise is there. */
void rk_gain_change(const double *spectra, const double *gain, const double *ratio, size_t channels,
                    size_t cells, double strength, double lowest, double largest, double *change);

/* Power subtraction (Boll 1979; Berouti, Schwartz & Makhoul 1979), and a soft gate; 24 frames in, 8
   out. work of the gate: 24 x bins */
void rk_subtract(const double *ratio, size_t bins, double *gain);
void rk_gate(const double *ratio, size_t bins, double *gain, double *work);

/* Gains of at most `most` times the larger median over 7 frames or bins; frames + 6 in. */
void rk_without_peaks(const double *gain, size_t frames, size_t bins, double most, double *out,
                      double *work);

/* Means over bands of the frames' power densities, three at a time: of a band's quieter bins, and
   of all. densities: frames + 2 x bins; quiet, mean: frames x bands, added to. work: 2 * bins */
void rk_band_powers(const double *densities, size_t frames, size_t bins, const int64_t *first,
                    const int64_t *end, size_t bands, double share, double weight, double *quiet,
                    double *mean, double *work);

/* Three order statistics of each band's cells in a patch, channels x frames x bins: found is 3 x bands
   x channels, ranks bands x 3, edges bands + 1. Bands whose edges lie `wide` apart and more lose their
   slope first: of two halves with different medians. work: (channels * frames + 1) * bins */
void rk_band_quantiles(const double *densities, size_t channels, size_t frames, size_t bins,
                       const int64_t *edges, size_t bands, const int64_t *ranks, double wide,
                       double *found, double *work);

#ifdef __cplusplus
}
#endif
#endif

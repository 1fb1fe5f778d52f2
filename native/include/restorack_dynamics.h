/* The loops of the stages at the end of a chain: true peaks, the gain of a look-ahead limiter, and
   noise-shaped rounding. Plain C; nothing allocates. Lengths and indices are the caller's to check. */

#ifndef RESTORACK_DYNAMICS_H
#define RESTORACK_DYNAMICS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- true_peaks.c --------------------------------------------------------------------------- */

/* peaks[i]: the largest magnitude between samples i + width / 2 - 1 and i + width / 2 of a row of
   count + width - 1, by so many interpolators of `width` taps; or 0 where none can pass `ceiling`.
   `largest` is the most that an interpolator makes of samples within -1 to 1. */
void rk_true_peaks(const float *row, size_t count, const float *taps, size_t phases, size_t width,
                   double ceiling, double largest, float *peaks);

/* ---- limiter.c ------------------------------------------------------------------------------ */

enum { RK_LIMITER_BOXES = 3 };

typedef struct {
    size_t boxes[RK_LIMITER_BOXES]; /* lengths of the moving averages that smooth the gain */
    double fast, slow, rise;        /* shares kept, kept and taken over, a sample */
    double least;                   /* nepers given back a sample at least, so that it ends */
} rk_limiter;

/* The samples from a peak to where its gain is due: sum of boxes - RK_LIMITER_BOXES. */
size_t rk_limiter_delay(const rk_limiter *settings);

/* How many doubles a channel's state has; all 0 at the beginning. */
size_t rk_limiter_state(const rk_limiter *settings);

/* Gains from reductions in nepers that samples need; each is that of the sample `delay` before. */
void rk_limiter_gains(const rk_limiter *settings, double *state, const double *needed,
                      double *gains, size_t count);

/* ---- shaped_rounding.c ---------------------------------------------------------------------- */

/* Round steps plus noise to whole numbers from `least` to `most`, with so many earlier errors (at
   least one, the latest first) fed back; where `left` is set a step passes, and has no error. */
void rk_shaped_round(const double *steps, const double *noise, const int64_t *left,
                     const double *taps, size_t order, double least, double most, double *errors,
                     double *out, size_t count);

#ifdef __cplusplus
}
#endif
#endif

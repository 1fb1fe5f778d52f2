/* restorack's restoration of clipped samples: those that frames of a signal need for spectra that
   hold little beside what persists in time and frequency, with every other sample as it was.

   Alternating directions (ADMM) for  min S(A x)  where x lies beyond the clipping level; A is a tight
   frame of short-time spectra and S, which is defined by its shrinkage alone, the persistent
   empirical Wiener gain: 1 - t^2 / e, for a mean power e around each coefficient. The threshold t
   falls from step to step. After Siedenburg, Kowalski, Doerfler, ICASSP 2014, and Zaviska and Rajmic,
   2022, whose steps differ. Nothing allocates. Values are not checked: they are to be finite. */

#ifndef RESTORACK_DECLIP_H
#define RESTORACK_DECLIP_H

#include <stddef.h>

#include "fft.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How samples are restored; it does not change, and threads may share it. */
typedef struct {
    const rk_fft *fft;
    const double *window;  /* its squares, every `hop` samples, add up to 1 */
    size_t hop;            /* divides the size of the transform */
    const double *weights; /* bins: of the threshold */
    size_t frames_beside;  /* on either side, in the mean power */
    size_t bins_beside;
    size_t steps;
    double first, last;    /* thresholds, as shares of the largest coefficient; above 0 */
    double relaxation;     /* 1 to less than 2 */
} rk_declip_plan;

size_t rk_declip_workspace(const rk_declip_plan *plan, size_t frames); /* doubles */

/* Restore the samples of `frames` frames, (frames - 1) * hop + size of them. Where sides[i] is above
   0, x[i] becomes bound[i] or more; below 0, bound[i] or less; where it is 0, x[i] is never written.
   What lies in x at first is where the search begins. */
void rk_declip(const rk_declip_plan *plan, double *x, const double *bound, const float *sides,
               size_t frames, double *work);

#ifdef __cplusplus
}
#endif
#endif

/* Short-time spectra: frames of a signal, windowed and transformed, and back by overlap and add. A
   transform is made once for a size; it does not change, and threads may share it, each with memory
   of its own. Spectra are pairs of real and imaginary part, size / 2 + 1 a frame. */

#ifndef RESTORACK_FRAMES_H
#define RESTORACK_FRAMES_H

#include <stddef.h>

#include "fft.h"

#ifdef __cplusplus
extern "C" {
#endif

size_t rk_frames_workspace(const rk_fft *fft); /* doubles */

/* The spectra of `count` frames that begin every `hop` samples of x. */
void rk_frame_spectra(const rk_fft *fft, const float *x, const double *window, size_t hop,
                      size_t count, double *spectra, double *work);

/* Add the frames of spectra to `out`, windowed, every `hop` samples. */
void rk_add_frames(const rk_fft *fft, const double *spectra, const double *window, size_t hop,
                   size_t count, double *out, double *work);

#ifdef __cplusplus
}
#endif
#endif

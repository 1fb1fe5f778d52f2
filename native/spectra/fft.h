/* Fourier transforms of real double frames, of even sizes with no prime factor beyond 5. */

#ifndef RESTORACK_FFT_H
#define RESTORACK_FFT_H

#include <stddef.h>

/* Tables of a size; they do not change, and threads may share them. */
typedef struct rk_fft rk_fft;

/* The first size from `least` on that there are transforms of. */
int rk_fft_size_from(int least);

/* NULL where memory is short, or for a size that rk_fft_size_from would not return. */
rk_fft *rk_fft_new(int size);
void rk_fft_free(rk_fft *fft);

int rk_fft_size(const rk_fft *fft);
size_t rk_fft_workspace(const rk_fft *fft); /* doubles */

/* spectrum: size / 2 + 1 pairs of real and imaginary part. */
void rk_fft_forward(const rk_fft *fft, const double *x, double *spectrum, double *work);

/* Divided by the size, so that it undoes rk_fft_forward. */
void rk_fft_backward(const rk_fft *fft, const double *spectrum, double *x, double *work);

/* out[l] = sum of x[i] x[i + l] for l below `lags`; count + lags is at most size + 1. */
void rk_fft_autocorrelate(const rk_fft *fft, const double *x, size_t count, double *out,
                          size_t lags, double *work);

#endif

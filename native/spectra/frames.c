#include "restorack_frames.h"

size_t rk_frames_workspace(const rk_fft *fft)
{
    return (size_t)rk_fft_size(fft) + rk_fft_workspace(fft);
}

void rk_frame_spectra(const rk_fft *fft, const float *x, const double *window, size_t hop,
                      size_t count, double *spectra, double *work)
{
    const size_t size = (size_t)rk_fft_size(fft);
    for (size_t frame = 0; frame < count; frame++) {
        for (size_t i = 0; i < size; i++)
            work[i] = (double)x[frame * hop + i] * window[i];
        rk_fft_forward(fft, work, spectra + frame * (size + 2), work + size);
    }
}

void rk_add_frames(const rk_fft *fft, const double *spectra, const double *window, size_t hop,
                   size_t count, double *out, double *work)
{
    const size_t size = (size_t)rk_fft_size(fft);
    for (size_t frame = 0; frame < count; frame++) {
        rk_fft_backward(fft, spectra + frame * (size + 2), work, work + size);
        for (size_t i = 0; i < size; i++)
            out[frame * hop + i] += work[i] * window[i];
    }
}

#include "joining.h"

#include <string.h>

void rk_add_planes_widened(const rk_plane *fine, size_t fine_shift, const rk_plane *coarse,
                           size_t coarse_shift, rk_plane *to, size_t frames)
{
    const size_t channels = (size_t)to->channels, width = (size_t)to->width;
    for (size_t t = 0; t < frames; t++) {
        const float *restrict a = rk_plane_row(fine, (ptrdiff_t)t - (ptrdiff_t)fine_shift);
        const float *restrict b = rk_plane_row(coarse, (ptrdiff_t)t - (ptrdiff_t)coarse_shift);
        float *restrict y = rk_plane_row(to, (ptrdiff_t)t);
        for (size_t i = 0; i < width; i++)
            for (size_t c = 0; c < channels; c++)
                y[i * channels + c] = a[i * channels + c] + b[i / 2 * channels + c];
    }
}

void rk_join_plane(const rk_plane *from, size_t shift, rk_plane *to, int first, size_t frames)
{
    const size_t bytes = (size_t)from->channels * sizeof(float);
    for (size_t t = 0; t < frames; t++) {
        const float *x = rk_plane_row(from, (ptrdiff_t)t - (ptrdiff_t)shift);
        float *y = rk_plane_row(to, (ptrdiff_t)t) + first;
        for (int i = 0; i < from->width; i++)
            memcpy(y + (size_t)i * (size_t)to->channels, x + (size_t)i * (size_t)from->channels,
                   bytes);
    }
}

#include "summary.h"

#include <string.h>

/* Write each channel's mean, and the mean over frames of its maxima over the width. */
static void measure(const rk_plane *from, size_t frames, float *means, float *maxima, float *most)
{
    const size_t channels = (size_t)from->channels, width = (size_t)from->width;
    memset(means, 0, channels * sizeof(float));
    memset(maxima, 0, channels * sizeof(float));
    for (size_t t = 0; t < frames; t++) {
        const float *row = rk_plane_row(from, (ptrdiff_t)t);
        memcpy(most, row, channels * sizeof(float));
        for (size_t i = 0; i < width; i++)
            for (size_t c = 0; c < channels; c++) {
                const float value = row[i * channels + c];
                means[c] += value;
                most[c] = value > most[c] ? value : most[c];
            }
        for (size_t c = 0; c < channels; c++)
            maxima[c] += most[c];
    }
    for (size_t c = 0; c < channels; c++) {
        means[c] /= (float)(frames * width);
        maxima[c] /= (float)frames;
    }
}

void rk_summarise(const rk_plane *from, rk_plane *to, size_t frames, const float *weights,
                  const float *bias, float *scratch)
{
    const size_t channels = (size_t)from->channels;
    float *seen = scratch, *more = scratch + 2 * channels;
    if (frames == 0)
        return;
    measure(from, frames, seen, seen + channels, more);
    for (size_t c = 0; c < channels; c++) {
        more[c] = bias[c];
        for (size_t k = 0; k < 2 * channels; k++)
            more[c] += weights[c * 2 * channels + k] * seen[k];
    }
    for (size_t t = 0; t < frames; t++) {
        const float *x = rk_plane_row(from, (ptrdiff_t)t);
        float *y = rk_plane_row(to, (ptrdiff_t)t);
        for (size_t i = 0; i < (size_t)from->width; i++)
            for (size_t c = 0; c < channels; c++)
                y[i * channels + c] = x[i * channels + c] + more[c];
    }
}

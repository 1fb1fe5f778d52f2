#include "convolve.h"

#include "activations.h"
#include "winograd.h"

void rk_tap_offsets(const rk_layer *layer, const rk_plane *from, ptrdiff_t *taps)
{
    const rk_convolution *shape = &layer->shape;
    for (int t = 0; t < shape->taps_time; t++)
        for (int f = 0; f < shape->taps_width; f++)
            *taps++ = (ptrdiff_t)(t - shape->taps_time / 2) * shape->dilation_time
                          * (ptrdiff_t)from->row
                      + (ptrdiff_t)(f * shape->dilation_width - shape->padding) * from->channels;
}

/* Apply what is no rectifier to places whose channels follow each other. */
static void finish(const rk_layer *layer, float *y, const float *residual, size_t count)
{
    if (layer->shape.activation == RK_SILU)
        rk_silu(y, count);
    else if (layer->shape.activation == RK_SOFTPLUS)
        rk_softplus(y, count);
    for (size_t i = 0; residual != NULL && i < count; i++)
        y[i] += residual[i];
}

static void convolve_directly(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                              const rk_plane *from, size_t shift, rk_plane *to, size_t frames)
{
    const rk_convolution *shape = &layer->shape;
    const int plain = shape->activation <= RK_RELU;
    /* One place a frame: the frames are the row. */
    const int upright = to->width == 1;
    rk_row row = {
        .x_step = upright ? from->row : (size_t)shape->stride * (size_t)from->channels,
        .taps = taps,
        .tap_count = shape->taps_time * shape->taps_width,
        .channels_in = from->channels,
        .channels = to->channels,
        .weights = layer->weights,
        .bias = layer->bias,
        .y_step = upright ? to->row : (size_t)to->channels,
        .count = upright ? frames : (size_t)to->width,
        .rectified = shape->activation == RK_RELU,
    };
    for (size_t t = 0; t < (upright ? (frames ? 1 : 0) : frames); t++) {
        row.x = rk_plane_row(from, (ptrdiff_t)t - (ptrdiff_t)shift);
        row.y = rk_plane_row(to, (ptrdiff_t)t);
        row.residual = shape->residual && plain ? row.x : NULL;
        rows->run(&row);
    }
}

void rk_convolve(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                 const rk_plane *from, size_t shift, rk_plane *to, size_t frames, float *tiles)
{
    const rk_convolution *shape = &layer->shape;
    if (tiles != NULL)
        rk_convolve_winograd(layer, rows, taps, from, shift, to, frames, tiles);
    else
        convolve_directly(layer, rows, taps, from, shift, to, frames);
    for (size_t t = 0; shape->activation > RK_RELU && t < frames; t++) {
        const float *x = rk_plane_row(from, (ptrdiff_t)t - (ptrdiff_t)shift);
        finish(layer, rk_plane_row(to, (ptrdiff_t)t), shape->residual ? x : NULL,
               (size_t)to->width * (size_t)to->channels);
    }
}

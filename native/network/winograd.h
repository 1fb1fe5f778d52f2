/* Convolutions with three taps over the width by Winograd's minimal filtering: half the products. */

#ifndef RESTORACK_WINOGRAD_H
#define RESTORACK_WINOGRAD_H

#include "network.h"
#include "plane.h"

/* Whether a layer's shape can be computed so, and whether it pays at a width. */
int rk_is_winograd(const rk_convolution *shape);
int rk_winograd_pays(const rk_convolution *shape, int width);

/* Floats that a block of so many frames needs beside the planes. */
size_t rk_winograd_scratch(const rk_layer *layer, const rk_rows *rows, int channels_in, int width,
                           size_t frames);

/* Where the taps in time lie, from the first of them; in floats. */
void rk_winograd_taps(const rk_layer *layer, int channels_in, int width, ptrdiff_t *taps);

/* As rk_convolve, but for activations other than the rectifier and what is added after them. */
void rk_convolve_winograd(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                          const rk_plane *from, size_t shift, rk_plane *to, size_t frames,
                          float *scratch);

#endif

/* A convolution of a plane's newest frames. */

#ifndef RESTORACK_CONVOLVE_H
#define RESTORACK_CONVOLVE_H

#include "network.h"
#include "plane.h"

/* Where a convolution's taps lie, from a place of the row in the middle; in floats. */
void rk_tap_offsets(const rk_layer *layer, const rk_plane *from, ptrdiff_t *taps);

/* `shift`: how many rows before its own a row's middle lies. `tiles`: NULL, or memory to compute by
   Winograd with; `taps` are those of the one or the other. */
void rk_convolve(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                 const rk_plane *from, size_t shift, rk_plane *to, size_t frames, float *tiles);

#endif

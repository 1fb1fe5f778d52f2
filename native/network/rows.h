/* The inner loop of every convolution: a row of output places, compiled for several processors. */

#ifndef RESTORACK_ROWS_H
#define RESTORACK_ROWS_H

#include <stddef.h>

#include "tiling.h"

typedef struct {
    const float *x;         /* what the first place looks at */
    size_t x_step;          /* floats from one place's to the next one's */
    const ptrdiff_t *taps;  /* where the taps lie from there */
    int tap_count, channels_in, channels;
    const float *weights;   /* groups of channels, in each: taps x channels_in x the group's */
    const float *bias;      /* filled up to whole groups */
    float *y;
    size_t y_step;
    const float *residual;  /* NULL, or what is added after the rectifier; steps like x */
    size_t count;           /* places */
    int rectified;
} rk_row;

/* One way to compute rows. */
typedef struct {
    const char *name;
    int lanes;              /* floats in a vector */
    void (*run)(const rk_row *row);

    /* Winograd's transforms of a row of places into parts of tiles, `plane` floats apart, and of
       their products into places; `step` floats from one tile's products to the next one's. */
    void (*to_tiles)(const rk_tiling *tiling, const float *x, int channels, float *v,
                     size_t plane);
    void (*from_tiles)(const rk_tiling *tiling, const float *m, size_t step, size_t plane,
                       const float *bias, int rectified, const float *residual, float *y,
                       int channels);
} rk_rows;

/* The best that this processor has. */
const rk_rows *rk_best_rows(void);

/* Every way that this processor has, the best one first; NULL behind the last. */
const rk_rows *rk_rows_at(int place);

/* Vectors that are computed together, of so many: their number divides that of all. */
static inline int rk_vectors_of_group(int vectors)
{
    return vectors % 2 == 0 ? 2 : vectors % 3 == 0 ? 3 : 1;
}

#endif

/* A plane: the newest frames of one layer, with as many older ones as later layers need again. */

#ifndef RESTORACK_PLANE_H
#define RESTORACK_PLANE_H

#include <stddef.h>

typedef struct {
    void *memory;
    float *rows;      /* the first row; each has zeros on either side of its width */
    size_t row;       /* floats in one row */
    size_t count;     /* rows that there is room for */
    size_t keep;      /* rows before the newest ones that are needed again */
    size_t tail;      /* rows of zeros behind the newest ones */
    size_t at;        /* the row in which the newest block begins */
    int width, channels, halo;
} rk_plane;

/* Make room for `block` new rows between `keep` old ones and `tail` zeros; 0 or an error. */
int rk_plane_make(rk_plane *plane, size_t block);
void rk_plane_free(rk_plane *plane);

/* Let every row be zero, and the next block be the first. */
void rk_plane_clear(rk_plane *plane);

/* Make room for the next block, of so many rows. */
void rk_plane_open(rk_plane *plane, size_t rows);

/* Count the block's rows as old. */
void rk_plane_close(rk_plane *plane, size_t rows);

/* Write the old rows down, and take them back; so many floats. */
size_t rk_plane_kept(const rk_plane *plane);
void rk_plane_save(const rk_plane *plane, float *rows);
void rk_plane_resume(rk_plane *plane, const float *rows);

/* The first place of a row of the block; rows below 0 are those before it. */
static inline float *rk_plane_row(const rk_plane *plane, ptrdiff_t row)
{
    return plane->rows + (size_t)((ptrdiff_t)plane->at + row) * plane->row
           + (size_t)plane->halo * (size_t)plane->channels;
}

#endif

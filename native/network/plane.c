#include "plane.h"

#include <stdlib.h>
#include <string.h>

#include "lined_up.h"
#include "restorack_core.h"

/* Two gigabytes: no plane of ours has a hundredth of it. */
static const size_t MOST_FLOATS = (size_t)1 << 29;

int rk_plane_make(rk_plane *plane, size_t block)
{
    plane->row = ((size_t)plane->width + 2 * (size_t)plane->halo) * (size_t)plane->channels;
    plane->count = plane->keep + block + plane->tail;
    if (plane->row == 0 || plane->count > MOST_FLOATS / plane->row)
        return RK_TOO_LARGE;
    plane->rows = rk_lined_up(&plane->memory, plane->row * plane->count);
    if (plane->rows == NULL)
        return RK_NO_MEMORY;
    rk_plane_clear(plane);
    return 0;
}

void rk_plane_free(rk_plane *plane)
{
    free(plane->memory);
    plane->memory = NULL;
}

void rk_plane_clear(rk_plane *plane)
{
    memset(plane->rows, 0, plane->row * plane->count * sizeof(float));
    plane->at = plane->keep;
}

void rk_plane_open(rk_plane *plane, size_t rows)
{
    if (plane->at + rows + plane->tail <= plane->count)
        return;
    const float *kept = plane->rows + (plane->at - plane->keep) * plane->row;
    memmove(plane->rows, kept, plane->keep * plane->row * sizeof(float));
    plane->at = plane->keep;
}

void rk_plane_close(rk_plane *plane, size_t rows)
{
    plane->at += rows;
}

size_t rk_plane_kept(const rk_plane *plane)
{
    return plane->keep * plane->row;
}

void rk_plane_save(const rk_plane *plane, float *rows)
{
    const float *kept = plane->rows + (plane->at - plane->keep) * plane->row;
    memcpy(rows, kept, rk_plane_kept(plane) * sizeof(float));
}

void rk_plane_resume(rk_plane *plane, const float *rows)
{
    rk_plane_clear(plane);
    memcpy(plane->rows, rows, rk_plane_kept(plane) * sizeof(float));
}

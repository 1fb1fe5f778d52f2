/* Planes put together: widened and added, or channel by channel. A shift is how many rows before
   the block's first the wanted one lies, as that plane is so much earlier. */

#ifndef RESTORACK_JOINING_H
#define RESTORACK_JOINING_H

#include "plane.h"

void rk_add_planes_widened(const rk_plane *fine, size_t fine_shift, const rk_plane *coarse,
                           size_t coarse_shift, rk_plane *to, size_t frames);

/* Copy a plane's channels to those of another from `first` on. */
void rk_join_plane(const rk_plane *from, size_t shift, rk_plane *to, int first, size_t frames);

#endif

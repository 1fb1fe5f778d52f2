/* What a whole plane is like, added to each of its places. */

#ifndef RESTORACK_SUMMARY_H
#define RESTORACK_SUMMARY_H

#include "plane.h"

/* to = from + weights * (means, means over frames of the maxima over the width) + bias.
   `scratch` has room for 3 * channels floats. */
void rk_summarise(const rk_plane *from, rk_plane *to, size_t frames, const float *weights,
                  const float *bias, float *scratch);

#endif

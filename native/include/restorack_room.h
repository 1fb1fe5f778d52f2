/* The loop of dereverberation. Plain C; nothing allocates. Lengths are the caller's to check. */

#ifndef RESTORACK_ROOM_H
#define RESTORACK_ROOM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RK_CORRELATED = 16 }; /* columns at once */

/* out[i][j]: the sum over frames of left[i] times the conjugate of right[j]; all complex, the real
   part first. work: 2 * RK_CORRELATED * frames */
void rk_correlations(const float *left, size_t rows, const float *right, size_t columns,
                     size_t frames, float *work, float *out);

#ifdef __cplusplus
}
#endif
#endif

/* Second-order sections one behind the other: recursive filters over a stream. */

#ifndef RESTORACK_SECTIONS_H
#define RESTORACK_SECTIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filter samples in place. A section is b0, b1, b2, 1, a1, a2; `state` has two values for each
   (transposed direct form II), and goes on from call to call. */
void rk_filter_sections(const double *sections, size_t count, double *state, double *samples,
                        size_t length);

#ifdef __cplusplus
}
#endif
#endif

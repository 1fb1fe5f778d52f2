/* Recursive filters as second-order sections, one after another: rows b0 b1 b2 a0 a1 a2, a0 being 1.
   Transposed direct form II in double precision. */

#ifndef RESTORACK_FILTERS_H
#define RESTORACK_FILTERS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filter `length` samples of x into out. The state, two values a section, is taken up and left for
   the next call; what rings on below 1e-100 is set to zero, before it becomes denormal. */
void rk_filter_sections(const double *sections, size_t count, double *state, const double *x,
                        double *out, size_t length);

#ifdef __cplusplus
}
#endif
#endif

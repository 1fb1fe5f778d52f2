/* What follows a convolution's sums, where that is more than a rectifier. */

#ifndef RESTORACK_ACTIVATIONS_H
#define RESTORACK_ACTIVATIONS_H

#include <stddef.h>

/* x / (1 + e^-x) and ln(1 + e^x), in place. */
void rk_silu(float *values, size_t count);
void rk_softplus(float *values, size_t count);

#endif

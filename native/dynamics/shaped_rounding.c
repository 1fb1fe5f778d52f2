/* Rounding with error feedback: the error's spectrum becomes that of 1 minus the taps. */

#include "restorack_dynamics.h"

#include <math.h>
#include <string.h>

void rk_shaped_round(const double *steps, const double *noise, const int64_t *left,
                     const double *taps, size_t order, double least, double most, double *errors,
                     double *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double wanted = steps[i], error = 0.0;
        for (size_t k = 0; k < order; k++)
            wanted -= taps[k] * errors[k];
        memmove(errors + 1, errors, (order - 1) * sizeof *errors);
        if (left[i]) {
            out[i] = steps[i];
        } else {
            const double rounded = rint(wanted + noise[i]);
            error = rounded - wanted; /* also where the word ends: the feedback must not grow */
            out[i] = rounded < least ? least : rounded > most ? most : rounded;
        }
        errors[0] = error;
    }
}

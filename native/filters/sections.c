#include "restorack_filters.h"

#include <math.h>

static const double FAINTEST = 1e-100; /* far below any signal, far above denormal numbers */

void rk_filter_sections(const double *sections, size_t count, double *state, const double *x,
                        double *out, size_t length)
{
    for (size_t i = 0; i < length; i++)
        out[i] = x[i];
    for (size_t s = 0; s < count; s++) {
        const double *b = sections + 6 * s, *a = b + 3;
        double first = state[2 * s], second = state[2 * s + 1];
        for (size_t i = 0; i < length; i++) {
            const double in = out[i], now = b[0] * in + first;
            first = b[1] * in - a[1] * now + second;
            second = b[2] * in - a[2] * now;
            out[i] = now;
        }
        state[2 * s] = fabs(first) < FAINTEST ? 0.0 : first;
        state[2 * s + 1] = fabs(second) < FAINTEST ? 0.0 : second;
    }
}

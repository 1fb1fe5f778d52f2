#include "restorack_sections.h"

void rk_filter_sections(const double *sections, size_t count, double *state, double *samples,
                        size_t length)
{
    for (size_t one = 0; one < count; one++) {
        const double *s = sections + 6 * one;
        const double b0 = s[0], b1 = s[1], b2 = s[2], a1 = s[4], a2 = s[5];
        double first = state[2 * one], second = state[2 * one + 1];
        for (size_t n = 0; n < length; n++) {
            const double x = samples[n], y = b0 * x + first;
            first = b1 * x - a1 * y + second;
            second = b2 * x - a2 * y;
            samples[n] = y;
        }
        state[2 * one] = first;
        state[2 * one + 1] = second;
    }
}

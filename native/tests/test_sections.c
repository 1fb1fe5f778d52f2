/* Recursive filters by themselves, for the sanitizers. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>

#include "restorack_sections.h"

int main(void)
{
    /* y[n] = x[n] + x[n-1] / 2 - y[n-1] / 4, then a delay of two */
    const double sections[12] = {1, 0.5, 0, 1, 0.25, 0, 0, 0, 1, 1, 0, 0};
    const double expected[5] = {0, 0, 1, 0.25, -0.0625};
    double state[4] = {0}, samples[5] = {1, 0, 0, 0, 0};
    int failures = 0;
    rk_filter_sections(sections, 2, state, samples, 2);
    rk_filter_sections(sections, 2, state, samples + 2, 3);
    for (int n = 0; n < 5; n++)
        failures += fabs(samples[n] - expected[n]) > 1e-15;
    rk_filter_sections(sections, 0, state, samples, 5);
    rk_filter_sections(sections, 2, state, samples, 0);
    printf("%s: %s\n", __FILE__, failures ? "FAILED" : "passed");
    return failures != 0;
}

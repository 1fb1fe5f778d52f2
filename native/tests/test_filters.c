/* Second-order sections by themselves, for the sanitizers: a closed form, any split, exactly the
   memory that they are given. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restorack_filters.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static const double HALVING[6] = {1.0, 0.0, 0.0, 1.0, -0.5, 0.0}; /* y[n] = x[n] + y[n - 1] / 2 */

static void test_impulse(size_t length)
{
    double *x = calloc(length, sizeof *x);
    double *y = calloc(length, sizeof *y), *state = calloc(2, sizeof *state);
    x[0] = 1.0f;
    rk_filter_sections(HALVING, 1, state, x, y, length);
    for (size_t i = 0; i < length; i++)
        CHECK(y[i] == ldexp(1.0, -(int)i));
    free(x), free(y), free(state);
}

/* Two sections over one block, and over two. */
static void test_split(size_t length, size_t at)
{
    double sections[12], state[8] = {0.0};
    memcpy(sections, HALVING, sizeof HALVING);
    memcpy(sections + 6, HALVING, sizeof HALVING);
    sections[6 + 2] = -0.25;
    double *x = malloc(length * sizeof *x);
    double *whole = malloc(length * sizeof *whole), *parts = malloc(length * sizeof *parts);
    for (size_t i = 0; i < length; i++)
        x[i] = (double)((i * 37 + 11) % 64) - 32.0;
    rk_filter_sections(sections, 2, state, x, whole, length);
    rk_filter_sections(sections, 2, state + 4, x, parts, at);
    rk_filter_sections(sections, 2, state + 4, x + at, parts + at, length - at);
    CHECK(memcmp(whole, parts, length * sizeof *whole) == 0);
    CHECK(memcmp(state, state + 4, 4 * sizeof *state) == 0);
    free(x), free(whole), free(parts);
}

int main(void)
{
    for (size_t length = 1; length < 40; length += 3)
        for (size_t at = 0; at <= length; at += 1 + length / 5)
            test_split(length, at);
    test_impulse(1);
    test_impulse(300);
    printf("sections, %d failures\n", failures);
    return failures != 0;
}

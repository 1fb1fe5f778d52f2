/* The dynamics stages' loops by themselves, for the sanitizers: every length of a block, silence,
   full scale, far beyond it. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restorack_dynamics.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static unsigned long long state = 1;

static float next(void)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (float)((double)(unsigned)(state >> 33) / 1073741824.0 - 1.0);
}

/* The same sums for every number of samples at once; nothing is read beyond the row. */
static void test_true_peaks(void)
{
    enum { COUNT = 70, WIDTH = 12, PHASES = 3 };
    float taps[PHASES * WIDTH], whole[COUNT];
    for (int i = 0; i < PHASES * WIDTH; i++)
        taps[i] = next();
    float *row = malloc((COUNT + WIDTH - 1) * sizeof *row);
    for (int i = 0; i < COUNT + WIDTH - 1; i++)
        row[i] = next();
    rk_true_peaks(row, COUNT, taps, PHASES, WIDTH, 1e-9, 12.0, whole);
    for (size_t count = 0; count <= COUNT; count++) {
        float *part = malloc((count + WIDTH - 1) * sizeof *part);
        float *peaks = malloc((count ? count : 1) * sizeof *peaks);
        memcpy(part, row + COUNT - count, (count + WIDTH - 1) * sizeof *part);
        rk_true_peaks(part, count, taps, PHASES, WIDTH, 1e-9, 12.0, peaks);
        CHECK(memcmp(peaks, whole + COUNT - count, count * sizeof *peaks) == 0);
        free(part);
        free(peaks);
    }
    rk_true_peaks(row, COUNT, taps, PHASES, WIDTH, 100.0, 12.0, whole);
    for (int i = 0; i < COUNT; i++)
        CHECK(whole[i] == 0.0f);
    free(row);
}

/* The gain is there in time, never above what a sample needs, and 1 where nothing needs any. */
static void test_gains(const rk_limiter *settings)
{
    enum { COUNT = 4000 };
    const size_t delay = rk_limiter_delay(settings);
    double *needed = calloc(COUNT, sizeof *needed), *gains = malloc(COUNT * sizeof *gains);
    double *memory = calloc(rk_limiter_state(settings), sizeof *memory);
    for (int i = 500; i < 1500; i++)
        needed[i] = next() > 0.9f ? 3.0 * fabs((double)next()) : 0.0;
    needed[1500] = 60.0;
    for (size_t at = 0; at < COUNT; at += 97)
        rk_limiter_gains(settings, memory, needed + at, gains + at,
                         COUNT - at < 97 ? COUNT - at : 97);
    for (size_t i = 0; i + delay < COUNT; i++)
        CHECK(gains[i + delay] <= exp(-needed[i]) && gains[i + delay] >= 0.0);
    for (size_t i = 0; i < 500; i++)
        CHECK(gains[i] == 1.0);
    free(needed);
    free(gains);
    free(memory);
}

/* Whole numbers within the word; what is left passes, and has no error. */
static void test_shaped_rounding(void)
{
    enum { COUNT = 300 };
    const double taps[] = {2.4, -2.9, 1.9};
    double steps[COUNT], noise[COUNT], errors[3] = {0}, out[COUNT];
    int64_t left[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        steps[i] = i < 100 ? 1e9 : 90.0 * (double)next();
        noise[i] = (double)next();
    }
    left[200] = 1;
    rk_shaped_round(steps, noise, left, taps, 3, -128.0, 127.0, errors, out, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK(out[i] >= -128.0 && out[i] <= 127.0 && (left[i] || out[i] == rint(out[i])));
    CHECK(out[200] == steps[200]);
    for (int k = 0; k < 3; k++)
        CHECK(fabs(errors[k]) <= 1.5);
}

int main(void)
{
    test_shaped_rounding();
    test_true_peaks();
    test_gains(&(rk_limiter){{1, 1, 1}, 0.9, 0.99, 0.01, 1e-6});
    test_gains(&(rk_limiter){{13, 14, 15}, 0.99, 0.999, 0.001, 1e-6});
    test_gains(&(rk_limiter){{200, 1, 3}, 0.0, 0.0, 1.0, 0.0});
    printf("dynamics: %d failures\n", failures);
    return failures != 0;
}

/* Correlations by themselves, for the sanitizers: every number of rows, against plain sums.
   scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "restorack_room.h"

static int failures;

static unsigned long long state = 1;

static float *noise(size_t count)
{
    float *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        values[i] = (float)((double)(unsigned)(state >> 33) / 1073741824.0 - 1.0);
    }
    return values;
}

static void test(size_t rows, size_t columns, size_t frames)
{
    float *left = noise(2 * rows * frames), *right = noise(2 * columns * frames);
    float *work = noise(2 * RK_CORRELATED * frames), *out = noise(2 * rows * columns);
    rk_correlations(left, rows, right, columns, frames, work, out);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double real = 0.0, imaginary = 0.0;
            for (size_t t = 0; t < frames; t++) {
                const float *a = left + 2 * (i * frames + t), *b = right + 2 * (j * frames + t);
                real += (double)a[0] * b[0] + (double)a[1] * b[1];
                imaginary += (double)a[1] * b[0] - (double)a[0] * b[1];
            }
            const float *found = out + 2 * (i * columns + j);
            failures += fabs(found[0] - real) > 1e-4 || fabs(found[1] - imaginary) > 1e-4;
        }
    free(left);
    free(right);
    free(work);
    free(out);
}

int main(void)
{
    for (size_t columns = 1; columns < 40; columns += 5)
        test(3, columns, 50);
    test(1, 1, 0);
    test(17, 16, 7);
    printf("room: %d failures\n", failures);
    return failures != 0;
}

/* Correlations of short-time spectra, bin by bin: the sums that a predictor follows from. */

#include "restorack_room.h"

#include "processors.h"

enum { RK_COLUMNS = RK_CORRELATED };

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "correlations_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "correlations_template.h"

static void row_of_correlations(const float *row, const float *columns, size_t frames, float *real,
                                float *imaginary)
{
#if RK_X86
    if (rk_has_avx2()) {
        row_of_correlations_avx2(row, columns, frames, real, imaginary);
        return;
    }
#endif
    row_of_correlations_portable(row, columns, frames, real, imaginary);
}

void rk_correlations(const float *left, size_t rows, const float *right, size_t columns,
                     size_t frames, float *work, float *out)
{
    for (size_t first = 0; first < columns; first += RK_COLUMNS) {
        const size_t some = columns - first < RK_COLUMNS ? columns - first : RK_COLUMNS;
        for (size_t t = 0; t < frames; t++)
            for (size_t j = 0; j < RK_COLUMNS; j++) {
                const size_t from = 2 * ((first + (j < some ? j : 0)) * frames + t);
                work[2 * RK_COLUMNS * t + j] = right[from];
                work[2 * RK_COLUMNS * t + RK_COLUMNS + j] = right[from + 1];
            }
        for (size_t i = 0; i < rows; i++) {
            float real[RK_COLUMNS], imaginary[RK_COLUMNS];
            row_of_correlations(left + 2 * i * frames, work, frames, real, imaginary);
            for (size_t j = 0; j < some; j++) {
                out[2 * (i * columns + first + j)] = real[j];
                out[2 * (i * columns + first + j) + 1] = imaginary[j];
            }
        }
    }
}

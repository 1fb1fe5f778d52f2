/* True peaks by polyphase oversampling (ITU-R BS.1770, Annex 2), where they may pass a ceiling. */

#include "restorack_dynamics.h"

#include <math.h>
#include <string.h>

#include "processors.h"

enum { RK_RUN = 16, RK_WIDEST = 256 };

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "true_peaks_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "true_peaks_template.h"

static double largest_of(const float *row, size_t count)
{
    float most = 0.0f;
    for (size_t i = 0; i < count; i++) {
        const float size = fabsf(row[i]);
        most = size > most ? size : most;
    }
    return (double)most;
}

static void run_of_peaks(const float *row, const float *taps, size_t phases, size_t width,
                         float *peaks)
{
#if RK_X86
    if (rk_has_avx2()) {
        run_of_peaks_avx2(row, taps, phases, width, peaks);
        return;
    }
#endif
    run_of_peaks_portable(row, taps, phases, width, peaks);
}

void rk_true_peaks(const float *row, size_t count, const float *taps, size_t phases, size_t width,
                   double ceiling, double largest, float *peaks)
{
    const double harmless = ceiling / (largest * 1.0001); /* whatever the rounding */
    for (size_t at = 0; at < count; at += RK_RUN) {
        const size_t ready = count - at < RK_RUN ? count - at : RK_RUN;
        if (largest_of(row + at, ready + width - 1) <= harmless) {
            memset(peaks + at, 0, ready * sizeof *peaks);
        } else if (ready == RK_RUN) {
            run_of_peaks(row + at, taps, phases, width, peaks + at);
        } else { /* the same sums, so that no bit depends on the blocks */
            float padded[RK_RUN + RK_WIDEST] = {0}, last[RK_RUN];
            memcpy(padded, row + at, (ready + width - 1) * sizeof *row);
            run_of_peaks(padded, taps, phases, width, last);
            memcpy(peaks + at, last, ready * sizeof *peaks);
        }
    }
}

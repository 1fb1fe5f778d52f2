/* From spectra to ratios, and from gains to what is added to spectra. */

#include "processors.h"
#include "restorack_denoise.h"

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "cells_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "cells_template.h"

void rk_posterior_ratio(const double *spectra, size_t channels, size_t frames, size_t bins,
                        const double *density, double scale, double inaudible, double largest,
                        double *ratio)
{
    for (size_t t = 0; t < frames; t++) {
        const double *row = spectra + 2 * t * bins;
        const size_t apart = 2 * frames * bins;
        const double each = scale / (double)channels;
#if RK_X86
        if (rk_has_avx2()) {
            posterior_ratio_avx2(row, channels, apart, bins, density, each, inaudible, largest,
                                 ratio + t * bins);
            continue;
        }
#endif
        posterior_ratio_portable(row, channels, apart, bins, density, each, inaudible, largest,
                                 ratio + t * bins);
    }
}

void rk_gain_change(const double *spectra, const double *gain, const double *ratio, size_t channels,
                    size_t cells, double strength, double lowest, double largest, double *change)
{
    for (size_t channel = 0; channel < channels; channel++) {
        const size_t at = 2 * channel * cells;
#if RK_X86
        if (rk_has_avx2()) {
            gain_change_avx2(spectra + at, gain, ratio, cells, strength, lowest, largest,
                             change + at);
            continue;
        }
#endif
        gain_change_portable(spectra + at, gain, ratio, cells, strength, lowest, largest,
                             change + at);
    }
}

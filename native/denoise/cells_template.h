/* Included by cells.c for each kind of processor: loops over cells, which the compiler makes vectors
   of. */

RK_TARGET static void RK_NAME(posterior_ratio)(const double *restrict spectra, size_t channels,
                                               size_t apart, size_t bins,
                                               const double *restrict density, double scale,
                                               double inaudible, double largest,
                                               double *restrict ratio)
{
    for (size_t channel = 0; channel < channels; channel++) {
        const double *restrict x = spectra + channel * apart;
        for (size_t k = 0; k < bins; k++) {
            const double own = x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1];
            ratio[k] = channel == 0 ? own : ratio[k] + own;
        }
    }
    for (size_t k = 0; k < bins; k++) {
        const double floor = density[k] > inaudible ? density[k] : inaudible;
        const double own = ratio[k] * scale / floor, limited = own < largest ? own : largest;
        ratio[k] = density[k] > inaudible ? limited : largest;
    }
}

RK_TARGET static void RK_NAME(gain_change)(const double *restrict spectra,
                                           const double *restrict gain,
                                           const double *restrict ratio, size_t cells,
                                           double strength, double lowest, double largest,
                                           double *restrict change)
{
    for (size_t k = 0; k < cells; k++) {
        const double open = gain[k] > lowest ? gain[k] : lowest;
        const double wanted = strength * (open - 1.0), share = ratio[k] < largest ? wanted : 0.0;
        change[2 * k] = share * spectra[2 * k];
        change[2 * k + 1] = share * spectra[2 * k + 1];
    }
}

#undef RK_NAME
#undef RK_TARGET

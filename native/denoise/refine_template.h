/* Included by refine.c for each kind of processor: loops over bins, which the compiler makes vectors
   of. */

/* The mean of the channels' powers in a row of bins, times `scale`. */
RK_TARGET static void RK_NAME(mean_power)(const double *restrict spectra, size_t channels,
                                          size_t apart, size_t bins, double scale,
                                          double *restrict power)
{
    for (size_t channel = 0; channel < channels; channel++) {
        const double *restrict x = spectra + channel * apart;
        for (size_t k = 0; k < bins; k++) {
            const double own = x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1];
            power[k] = channel == 0 ? own : power[k] + own;
        }
    }
    for (size_t k = 0; k < bins; k++)
        power[k] *= scale;
}

/* What short frames leave behind: of a cell of power p in noise of power n, p * n / (p + n). */
RK_TARGET static void RK_NAME(short_risk)(const double *restrict power,
                                          const double *restrict noise, size_t bins,
                                          double *restrict risk)
{
    for (size_t k = 0; k < bins; k++) {
        const double n = noise[RK_LONGER * k], sum = power[k] + n;
        risk[k] = power[k] * (n / (sum > FAINTEST ? sum : FAINTEST));
    }
}

/* Wiener gains of long frames, and what they leave behind; what was removed is noise there. */
RK_TARGET static void RK_NAME(wiener)(const double *restrict guess, const double *restrict removed,
                                      const double *restrict noise, size_t bins,
                                      double *restrict gain, double *restrict risk)
{
    for (size_t k = 0; k < bins; k++) {
        const double n = noise[k] > removed[k] ? noise[k] : removed[k], sum = guess[k] + n;
        gain[k] = guess[k] / (sum > FAINTEST ? sum : FAINTEST);
        risk[k] = gain[k] * n;
    }
}

/* What to add to a long frame, where there is noise: share is that of what was removed. */
RK_TARGET static void RK_NAME(long_change)(const rk_refined *group, const double *restrict guess,
                                           const double *restrict removed,
                                           const double *restrict gain, size_t bins,
                                           double *restrict change)
{
    const double strength = group->strength, lowest = group->lowest;
    const double whole = 1.0 / (strength > group->smallest ? strength : group->smallest);
    const double *restrict noise = group->noise;
    for (size_t k = 0; k < bins; k++) {
        const double cut = strength * (1.0 - (gain[k] > lowest ? gain[k] : lowest));
        const double heard = noise[k] > 0.0 ? 1.0 : 0.0;
        for (size_t part = 0; part < 2; part++) {
            const double off = removed[2 * k + part];
            change[2 * k + part] = heard * (off - cut * (guess[2 * k + part] + whole * off));
        }
    }
}

/* How far long frames are followed, of means over regions of both risks: by the eighth power of their
   ratio, so that regions go to one of the two rather than to both. */
RK_TARGET static void RK_NAME(shares)(const double *restrict shorts, const double *restrict longs,
                                      size_t bins, double *restrict share)
{
    for (size_t k = 0; k < bins; k++) {
        double more = (longs[k] + FAINTEST) / (shorts[k] + FAINTEST);
        more = more < LARGEST ? more : LARGEST;
        const double squared = more * more, fourth = squared * squared;
        share[k] = 1.0 / (1.0 + fourth * fourth);
    }
}

RK_TARGET static void RK_NAME(region_means)(const double *restrict padded, size_t bins,
                                            double *restrict means)
{
    for (size_t k = 0; k < bins; k++) {
        double sum = padded[k];
        for (size_t i = 1; i <= 2 * REGION; i++)
            sum += padded[k + i];
        means[k] = sum / (2 * REGION + 1);
    }
}

/* Hold a frame's change back, and give shares of the one that waits in its place. */
RK_TARGET static void RK_NAME(exchange)(const double *restrict share, size_t bins,
                                        double *restrict waiting, double *restrict change)
{
    for (size_t k = 0; k < bins; k++) {
        const double of = share[(k + RK_LONGER / 2) / RK_LONGER];
        const double real = of * waiting[2 * k], imaginary = of * waiting[2 * k + 1];
        waiting[2 * k] = change[2 * k];
        waiting[2 * k + 1] = change[2 * k + 1];
        change[2 * k] = real;
        change[2 * k + 1] = imaginary;
    }
}

static const rk_refine_loops RK_NAME(LOOPS) = {
    RK_NAME(mean_power), RK_NAME(short_risk),   RK_NAME(wiener),  RK_NAME(long_change),
    RK_NAME(shares),     RK_NAME(region_means), RK_NAME(exchange)};

#undef RK_NAME
#undef RK_TARGET

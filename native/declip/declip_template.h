/* Included by declip.c for each kind of processor: what is done to every bin of a frame. */

RK_TARGET static void RK_NAME(window)(const double *x, const double *window, size_t size,
                                      double *frame)
{
    for (size_t i = 0; i < size; i++)
        frame[i] = x[i] * window[i];
}

RK_TARGET static void RK_NAME(add_window)(const double *frame, const double *window, size_t size,
                                          double *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] += frame[i] * window[i];
}

/* dual += spectrum, which makes it that of this step; power = |spectrum + dual|^2 */
RK_TARGET static void RK_NAME(power)(double *dual, const double *spectrum, size_t bins,
                                     double *power)
{
    for (size_t k = 0; k < bins; k++) {
        dual[2 * k] += spectrum[2 * k];
        dual[2 * k + 1] += spectrum[2 * k + 1];
        const double re = spectrum[2 * k] + dual[2 * k], im = spectrum[2 * k + 1] + dual[2 * k + 1];
        power[k] = re * re + im * im;
    }
}

RK_TARGET static void RK_NAME(add)(const double *row, size_t bins, double *sum)
{
    for (size_t k = 0; k < bins; k++)
        sum[k] += row[k];
}

/* Means over 2 * beside + 1 bins of a row that is padded on either side. */
RK_TARGET static void RK_NAME(means)(const double *padded, size_t beside, size_t bins, double scale,
                                     double *mean)
{
    for (size_t k = 0; k < bins; k++)
        mean[k] = scale * padded[k];
    for (size_t j = 1; j <= 2 * beside; j++)
        for (size_t k = 0; k < bins; k++)
            mean[k] += scale * padded[k + j];
}

/* dual -= kept, what the gain keeps of spectrum + dual; shrunk = kept - dual. `shrunk` may be
   `spectrum`. */
RK_TARGET static void RK_NAME(shrink)(const double *mean, const double *weights, double threshold,
                                      double relaxation, size_t bins, const double *spectrum,
                                      double *dual, double *shrunk)
{
    for (size_t k = 0; k < bins; k++) {
        const double limit = threshold * weights[k], e = mean[k] > FAINTEST ? mean[k] : FAINTEST;
        const double rest = 1.0 - limit * limit / e, gain = rest > 0.0 ? rest : 0.0;
        const double re = spectrum[2 * k], im = spectrum[2 * k + 1];
        dual[2 * k] -= relaxation * gain * (re + dual[2 * k]) + (1.0 - relaxation) * re;
        dual[2 * k + 1] -= relaxation * gain * (im + dual[2 * k + 1]) + (1.0 - relaxation) * im;
        shrunk[2 * k] = -dual[2 * k];
        shrunk[2 * k + 1] = -dual[2 * k + 1];
    }
}

static const rk_declip_loops RK_NAME(LOOPS) = {
    RK_NAME(window), RK_NAME(add_window), RK_NAME(power),
    RK_NAME(add),    RK_NAME(means),      RK_NAME(shrink)};

#undef RK_NAME
#undef RK_TARGET

/* Interpolated peaks, RK_RUN samples at a time: the compiler makes vectors of the inner loops. */

RK_TARGET static void RK_NAME(run_of_peaks)(const float *row, const float *taps, size_t phases,
                                            size_t width, float *peaks)
{
    float best[RK_RUN] = {0};
    for (size_t phase = 0; phase < phases; phase++) {
        const float *kernel = taps + phase * width;
        float sum[RK_RUN] = {0};
        for (size_t k = 0; k < width; k++)
            for (size_t i = 0; i < RK_RUN; i++)
                sum[i] += kernel[k] * row[k + i];
        for (size_t i = 0; i < RK_RUN; i++) {
            const float size = fabsf(sum[i]);
            best[i] = size > best[i] ? size : best[i];
        }
    }
    for (size_t i = 0; i < RK_RUN; i++)
        peaks[i] = best[i];
}

#undef RK_NAME
#undef RK_TARGET

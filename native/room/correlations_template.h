/* A row against RK_COLUMNS others, which lie side by side, real parts before imaginary ones. */

RK_TARGET static void RK_NAME(row_of_correlations)(const float *row, const float *columns,
                                                   size_t frames, float *real, float *imaginary)
{
    float re[RK_COLUMNS] = {0}, im[RK_COLUMNS] = {0};
    for (size_t t = 0; t < frames; t++) {
        const float *to = columns + 2 * RK_COLUMNS * t, a = row[2 * t], b = row[2 * t + 1];
        for (size_t j = 0; j < RK_COLUMNS; j++) {
            re[j] += a * to[j] + b * to[RK_COLUMNS + j];
            im[j] += b * to[j] - a * to[RK_COLUMNS + j];
        }
    }
    for (size_t j = 0; j < RK_COLUMNS; j++) {
        real[j] = re[j];
        imaginary[j] = im[j];
    }
}

#undef RK_NAME
#undef RK_TARGET

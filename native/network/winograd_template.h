/* Included by rows_template.h for each kind of processor: Winograd's transforms on either side of the
   products, with the points 0, 1, -1, 2, -2 and infinity. All channels of all tiles are computed
   alike: their bits depend on nothing else. */

/* A vector of channels, or one: the last vector overlaps the one before it. */
#define RK_EACH(channels, STEP)                                                                   \
    if ((channels) >= RK_LANES) {                                                                 \
        for (int k = 0;; k += RK_LANES) {                                                         \
            k = k + RK_LANES > (channels) ? (channels) - RK_LANES : k;                            \
            STEP(RK_NAME(vector), RK_NAME(rectified));                                            \
            if (k + RK_LANES >= (channels))                                                       \
                break;                                                                            \
        }                                                                                         \
    } else {                                                                                      \
        for (int k = 0; k < (channels); k++) {                                                    \
            STEP(float, RK_ABOVE_0);                                                              \
        }                                                                                         \
    }

#define RK_GET(T, from) (*(const T *)(from))
#define RK_ABOVE_0(a) ((a) > 0.0f ? (a) : 0.0f)

#define RK_TILE_STEP(T, R)                                                                        \
    const T b = RK_GET(T, at[1] + k), c = RK_GET(T, at[2] + k);                                   \
    const T d = RK_GET(T, at[3] + k), e = RK_GET(T, at[4] + k);                                   \
    const T even = e - 4.0f * c, odd = d - 4.0f * b;                                              \
    const T near_even = e - c, near_odd = 2.0f * (d - b);                                         \
    *(T *)(v + k) = 4.0f * RK_GET(T, at[0] + k) + (e - 5.0f * c);                                 \
    *(T *)(v + plane + k) = even + odd;                                                           \
    *(T *)(v + 2 * plane + k) = even - odd;                                                       \
    *(T *)(v + 3 * plane + k) = near_even + near_odd;                                             \
    *(T *)(v + 4 * plane + k) = near_even - near_odd;                                             \
    *(T *)(v + 5 * plane + k) = 4.0f * b + (RK_GET(T, at[5] + k) - 5.0f * d)

/* One row's tiles. Beyond the row there are zeros, as there are in its margin. */
RK_TARGET static void RK_NAME(to_tiles)(const rk_tiling *tiling, const float *x, int channels,
                                        float *v, size_t plane)
{
    const ptrdiff_t apart = tiling->dilation, width = tiling->width;
    for (ptrdiff_t phase = 0; phase < apart; phase++)
        for (ptrdiff_t tile = 0; tile < tiling->each; tile++, v += channels) {
            const float *at[RK_TILE_IN];
            for (ptrdiff_t i = 0; i < RK_TILE_IN; i++) {
                const ptrdiff_t place = phase + apart * (RK_TILE_OUT * tile + i - 1);
                at[i] = x + (place >= 0 && place < width ? place : -1) * channels;
            }
            RK_EACH(channels, RK_TILE_STEP)
        }
}

#define RK_PUT(T, R, i, value)                                                                    \
    if (whole || first + apart * (i) < width) {                                                   \
        T sum = (value);                                                                          \
        const ptrdiff_t at = (first + apart * (i)) * channels + k;                                \
        if (rectified)                                                                            \
            sum = R(sum);                                                                         \
        if (added)                                                                                \
            sum += RK_GET(T, residual + at);                                                      \
        *(T *)(y + at) = sum;                                                                     \
    }

#define RK_PLACE_STEP(T, R)                                                                       \
    const T one = RK_GET(T, m + plane + k), two = RK_GET(T, m + 2 * plane + k);                   \
    const T three = RK_GET(T, m + 3 * plane + k), four = RK_GET(T, m + 4 * plane + k);            \
    const T own = RK_GET(T, bias + k);                                                            \
    const T a = one + two + own, b = one - two + own, c = three + four, d = three - four;         \
    RK_PUT(T, R, 0, a + RK_GET(T, m + k) + c)                                                     \
    RK_PUT(T, R, 1, b + 2.0f * d)                                                                 \
    RK_PUT(T, R, 2, a + 4.0f * c)                                                                 \
    RK_PUT(T, R, 3, b + RK_GET(T, m + 5 * plane + k) + 8.0f * d)

/* One tile's places. `whole`: all lie inside the row; `added`: there is a residual. Compiled for each
   of those, as the loop is short. */
RK_TARGET RK_INLINED static void RK_NAME(from_tile)(const rk_tiling *tiling, ptrdiff_t first,
                                                    const float *m, size_t plane,
                                                    const float *bias, const float *residual,
                                                    float *y, int channels, int whole,
                                                    int rectified, int added)
{
    const ptrdiff_t apart = tiling->dilation, width = tiling->width;
    RK_EACH(channels, RK_PLACE_STEP)
}

/* One row's places, from the products of its tiles. */
RK_TARGET static void RK_NAME(from_tiles)(const rk_tiling *tiling, const float *m, size_t step,
                                          size_t plane, const float *bias, int rectified,
                                          const float *residual, float *y, int channels)
{
    const ptrdiff_t apart = tiling->dilation, width = tiling->width;
    for (ptrdiff_t phase = 0; phase < apart; phase++)
        for (ptrdiff_t tile = 0; tile < tiling->each; tile++, m += step) {
            const ptrdiff_t first = phase + apart * RK_TILE_OUT * tile;
            if (first + apart * (RK_TILE_OUT - 1) >= width)
                RK_NAME(from_tile)(tiling, first, m, plane, bias, residual, y, channels, 0,
                                   rectified, residual != NULL);
            else if (rectified && residual != NULL)
                RK_NAME(from_tile)(tiling, first, m, plane, bias, residual, y, channels, 1, 1, 1);
            else if (rectified)
                RK_NAME(from_tile)(tiling, first, m, plane, bias, residual, y, channels, 1, 1, 0);
            else
                RK_NAME(from_tile)(tiling, first, m, plane, bias, residual, y, channels, 1, 0,
                                   residual != NULL);
        }
}

#undef RK_EACH
#undef RK_GET
#undef RK_ABOVE_0
#undef RK_TILE_STEP
#undef RK_PUT
#undef RK_PLACE_STEP

/* Included by gains.c for each kind of processor: gains of cells, several at a time. */

#include "lanes.h"

#define V RK_NAME(lanes)
#define AT(p) (*(V *)(p))
#define GET(p) (*(const V *)(p))
#if RK_LANES > 1
typedef RK_NAME(bits) RK_NAME(mask);
#define CHOSEN(mask, a, b) ((V)(((RK_NAME(bits))(a) & (mask)) | ((RK_NAME(bits))(b) & ~(mask))))
#define OF(value) ((V){0} + (value))
#else
#define CHOSEN(mask, a, b) ((mask) ? (a) : (b))
#define OF(value) (value)
#endif

RK_TARGET static inline V RK_NAME(least)(V a, V b)
{
    return CHOSEN(a < b, a, b);
}

RK_TARGET static inline V RK_NAME(most)(V a, V b)
{
    return CHOSEN(a > b, a, b);
}

/* e to values from -700 to 1: by powers of two and a polynomial. */
RK_TARGET static inline V RK_NAME(exponential)(V x)
{
#if RK_LANES > 1
    typedef RK_NAME(bits) bits;
    const V shifted = x * 1.44269504088896340736 + 6755399441055744.0;
    const V whole = shifted - 6755399441055744.0;
    const V r = (x - whole * 0.693147180369123816490) - whole * 1.90821492927058770002e-10;
    V p = r * (1.0 / 39916800.0) + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return (V)((bits)p + ((bits)shifted << 52));
#else
    return exp(x);
#endif
}

/* The logarithm of positive values: of the exponent, and by atanh((m - 1) / (m + 1)) of the rest. */
RK_TARGET static inline V RK_NAME(logarithm)(V x)
{
#if RK_LANES > 1
    typedef RK_NAME(bits) bits;
    const bits as_bits = (bits)x, shifted = (as_bits - 0x3fe6a09e667f3bcdLL) >> 52;
    const V exponent = (V)(shifted + 0x4330000000000400LL) - 4503599627371520.0;
    const V m = (V)(as_bits - (shifted << 52));
    const V s = (m - 1.0) / (m + 1.0), t = s * s;
    V series = t * (1.0 / 17.0) + 1.0 / 15.0;
    series = series * t + 1.0 / 13.0;
    series = series * t + 1.0 / 11.0;
    series = series * t + 1.0 / 9.0;
    series = series * t + 1.0 / 7.0;
    series = series * t + 1.0 / 5.0;
    series = series * t + 1.0 / 3.0;
    return exponent * 0.69314718055994530942 + 2.0 * s * (series * t + 1.0);
#else
    return log(x);
#endif
}

RK_TARGET static inline V RK_NAME(integral)(V x)
{
    const V near = RK_NAME(least)(x, OF(1.0)), far = RK_NAME(most)(x, OF(1.0));
    V series = near * 0.00107857 - 0.00976004;
    series = series * near + 0.05519968;
    series = series * near - 0.24991055;
    series = series * near + 0.99999193;
    series = series * near - 0.57721566 - RK_NAME(logarithm)(near);
    const V above = 0.2677737343 + far * (8.6347608925 + far * (18.0590169730
                                                              + far * (8.5733287401 + far)));
    const V below = 3.9584969228 + far * (21.0996530827 + far * (25.6329561486
                                                               + far * (9.5733223454 + far)));
    const V tail = RK_NAME(exponential)(-far) / far * above / below;
    return CHOSEN(x <= 1.0, series, tail);
}

RK_TARGET static inline V RK_NAME(gain_of)(V prior, V posterior)
{
    const V share = prior / (1.0 + prior), v = RK_NAME(most)(OF(1e-8), share * posterior);
    const V within = RK_NAME(least)(v, OF(20.0));
    const V gain = share * RK_NAME(exponential)(0.5 * RK_NAME(integral)(within));
    return CHOSEN(v > 20.0, share, RK_NAME(least)(OF(1.0), gain));
}

RK_TARGET static void RK_NAME(log_mmse)(const double *prior, const double *posterior, double *gain,
                                        size_t count)
{
    size_t i = 0;
    for (; i + RK_LANES <= count; i += RK_LANES)
        AT(gain + i) = RK_NAME(gain_of)(GET(prior + i), GET(posterior + i));
    if (i < count) {
        double a[RK_LANES] = {0}, b[RK_LANES] = {0}, made[RK_LANES];
        memcpy(a, prior + i, (count - i) * sizeof(double));
        memcpy(b, posterior + i, (count - i) * sizeof(double));
        AT(made) = RK_NAME(gain_of)(GET(a), GET(b));
        memcpy(gain + i, made, (count - i) * sizeof(double));
    }
}

#define EXCHANGE(a, b)                                                                            \
    do {                                                                                          \
        const V less_ = RK_NAME(least)(a, b);                                                     \
        b = RK_NAME(most)(a, b);                                                                  \
        a = less_;                                                                                \
    } while (0)

/* The median of seven values `step` apart, by thirteen exchanges. */
RK_TARGET static inline V RK_NAME(median_7)(const double *x, size_t step)
{
    V a = GET(x), b = GET(x + step), c = GET(x + 2 * step), d = GET(x + 3 * step);
    V e = GET(x + 4 * step), f = GET(x + 5 * step), g = GET(x + 6 * step);
    EXCHANGE(a, f);
    EXCHANGE(a, d);
    EXCHANGE(b, g);
    EXCHANGE(c, e);
    EXCHANGE(a, b);
    EXCHANGE(d, f);
    EXCHANGE(c, g);
    EXCHANGE(c, d);
    EXCHANGE(d, g);
    EXCHANGE(e, f);
    EXCHANGE(b, e);
    return RK_NAME(least)(RK_NAME(most)(b, d), e);
}
#undef EXCHANGE

/* out[k]: the larger median over 7 rows of `x` or over 7 places of the middle one, for all bins.
   work: bins + 6 + 9 * RK_MOST_LANES; places beyond an end repeat it. */
RK_TARGET static void RK_NAME(larger_median)(const double *x, size_t bins, double *out,
                                             double *work)
{
    double *row = work, *ends = work + bins + 6 + RK_LANES;
    for (size_t i = 0; i < bins + 6 + RK_LANES; i++) {
        const size_t k = i < 3 ? 0 : i - 3;
        row[i] = x[3 * bins + (k < bins ? k : bins - 1)];
    }
    size_t k = 0;
    for (; k + RK_LANES <= bins; k += RK_LANES)
        AT(out + k) = RK_NAME(most)(RK_NAME(median_7)(x + k, bins), RK_NAME(median_7)(row + k, 1));
    if (k < bins) {
        double made[RK_LANES];
        for (size_t t = 0; t < 7; t++)
            for (size_t i = 0; i < RK_LANES; i++)
                ends[t * RK_LANES + i] = x[t * bins + (k + i < bins ? k + i : bins - 1)];
        AT(made) = RK_NAME(most)(RK_NAME(median_7)(ends, RK_LANES), RK_NAME(median_7)(row + k, 1));
        memcpy(out + k, made, (bins - k) * sizeof(double));
    }
}

/* The division into blocks of a macro-block whose risk, by Stein's unbiased estimate, is least. */
RK_TARGET static void RK_NAME(least_risky)(double sums[7][32], const double *thresholds, int *row,
                                           int *column)
{
    double best = 1e300;
    *row = *column = 0;
    for (int i = 0; i < RK_BLOCK_ROWS; i++)
        for (int j = 0; j < RK_BLOCK_COLUMNS; j++) {
            const double size = (8 >> i) * (16 >> j), share = 1.0 / size;
            const double limit = thresholds[i * RK_BLOCK_COLUMNS + j];
            const double extra = limit * limit - 2.0 * limit * (size - 1.0) / size;
            const int count = 1 << j;
            V risks = OF(0.0);
            double risk = 0.0;
            for (int t = FIRST_ROW[i]; t < FIRST_ROW[i] + (1 << i); t++) {
                const double *cells = sums[t] + FIRST_COLUMN[j];
                int k = 0;
                for (; k + RK_LANES <= count; k += RK_LANES) {
                    const V mean = GET(cells + k) * share;
                    risks += CHOSEN(mean > limit, 1.0 + extra / mean, mean - 1.0);
                }
                for (; k < count; k++) {
                    const double mean = cells[k] * share;
                    risk += mean > limit ? 1.0 + extra / mean : mean - 1.0;
                }
            }
            double lanes[RK_LANES];
            AT(lanes) = risks;
            for (int k = 0; k < RK_LANES; k++)
                risk += lanes[k];
            if (risk * size < best) {
                best = risk * size;
                *row = i;
                *column = j;
            }
        }
}

/* Sums of all blocks of all sizes, each from two of half its size. */
RK_TARGET static void RK_NAME(sum_blocks)(double cells[8][16], double sums[7][32])
{
    for (int t = 0; t < 4; t++)
        for (int k = 0; k < 16; k++)
            sums[t][k] = cells[2 * t][k] + cells[2 * t + 1][k];
    for (int k = 0; k < 16; k++) {
        sums[4][k] = sums[0][k] + sums[1][k];
        sums[5][k] = sums[2][k] + sums[3][k];
        sums[6][k] = sums[4][k] + sums[5][k];
    }
    for (int t = 0; t < 7; t++)
        for (int k = 0; k < 15; k++)
            sums[t][16 + k] = sums[t][2 * k] + sums[t][2 * k + 1];
}

/* Blocks in the order in which they begin; where those that began `before` are known, they are not
   computed again. */
RK_TARGET static void RK_NAME(block_factors)(const double *ratio, size_t frames, size_t bins,
                                             const double *thresholds, const double *before,
                                             double *out, double *after)
{
    double cells[8][16], sums[7][32];
    memset(out, 0, frames * bins * sizeof(double));
    if (before != NULL)
        memcpy(out, before, 8 * bins * sizeof(double));
    if (after != NULL)
        memset(after, 0, 8 * bins * sizeof(double));
    for (size_t frame = before == NULL ? 2 : 8; frame < frames + 8; frame += 2) {
        const ptrdiff_t cut = (ptrdiff_t)(8 - frame % 8) / 2 % 4;
        for (ptrdiff_t bottom = -4 * cut; bottom < (ptrdiff_t)bins; bottom += 16) {
            const int inside = bottom >= 0 && bottom + 16 <= (ptrdiff_t)bins;
            for (size_t t = 0; t < 8; t++)
                for (ptrdiff_t k = 0; k < 16; k++) {
                    ptrdiff_t at = bottom + k;
                    if (!inside)
                        at = at < 0 ? 0 : at < (ptrdiff_t)bins ? at : (ptrdiff_t)bins - 1;
                    cells[t][k] = ratio[(frame + t) * bins + (size_t)at];
                }
            int row, column;
            RK_NAME(sum_blocks)(cells, sums);
            RK_NAME(least_risky)(sums, thresholds, &row, &column);
            const double limit = thresholds[row * RK_BLOCK_COLUMNS + column];
            const double share = 1.0 / ((8 >> row) * (16 >> column));
            const int wide = 4 - column, first = FIRST_ROW[row];
            double factors[16];
            for (size_t t = 0; t < 8; t++) {
                if (t % (size_t)(8 >> row) == 0) {
                    const double *of = sums[first + (int)t / (8 >> row)] + FIRST_COLUMN[column];
                    for (int k = 0; k < 1 << column; k++) {
                        const double mean = of[k] * share > 1e-30 ? of[k] * share : 1e-30;
                        const double factor = 1.0 - limit / mean;
                        factors[k] = factor > 0.0 ? 0.25 * factor : 0.0;
                    }
                }
                const int late = frame + t >= frames + 8;
                if (frame + t < 8 || (late && after == NULL))
                    continue;
                double *to = (late ? after + (frame + t - 8 - frames) * bins
                                   : out + (frame + t - 8) * bins)
                             + bottom;
                for (ptrdiff_t k = inside ? 0 : bottom < 0 ? -bottom : 0;
                     k < 16 && (inside || bottom + k < (ptrdiff_t)bins); k++)
                    to[k] += factors[k >> wide];
            }
        }
    }
}

static const rk_gain_loops RK_NAME(GAINS) = {
    RK_NAME(log_mmse), RK_NAME(larger_median), RK_NAME(block_factors)};

#undef V
#undef AT
#undef GET
#undef CHOSEN
#undef OF
#undef RK_LANES
#undef RK_NAME
#undef RK_TARGET

/* Included by declick.c for each kind of processor: what a network sees of a candidate. */

#define FAINT 1e-6       /* least ratio of powers under a logarithm */
#define LEAST_LEVEL 1e-6 /* what is softer is seen at its true size */

/* to[i] = asinh(x[i] * scale) */
RK_TARGET static void RK_NAME(compress)(const double *x, double scale, float *to, size_t count)
{
    double sizes[RK_WAVE_LENGTH];
    for (size_t i = 0; i < count; i++) {
        const double size = fabs(x[i]) * scale;
        sizes[i] = 1.0 + size + size * size / (1.0 + sqrt(size * size + 1.0));
    }
    size_t i = 0;
#if RK_LANES > 1
    /* The logarithm by its exponent, and by atanh((m - 1) / (m + 1)) of the rest. */
    typedef RK_NAME(bits) bits;
    for (; i + RK_LANES <= count; i += RK_LANES) {
        bits as_bits = (bits)GET(sizes + i);
        const bits shifted = (as_bits - 0x3fe6a09e667f3bcdLL) >> 52;
        const V exponent = (V)((shifted + 0x4330000000000400LL)) - 4503599627371520.0;
        const V m = (V)(as_bits - (shifted << 52));
        const V s = (m - 1.0) / (m + 1.0), t = s * s;
        V series = t * (1.0 / 17.0) + 1.0 / 15.0;
        series = series * t + 1.0 / 13.0;
        series = series * t + 1.0 / 11.0;
        series = series * t + 1.0 / 9.0;
        series = series * t + 1.0 / 7.0;
        series = series * t + 1.0 / 5.0;
        series = series * t + 1.0 / 3.0;
        AT(sizes + i) = exponent * 0.69314718055994530942 + 2.0 * s * (series * t + 1.0);
    }
#endif
    for (; i < count; i++)
        sizes[i] = log(sizes[i]);
    for (i = 0; i < count; i++)
        to[i] = (float)(x[i] < 0.0 ? -sizes[i] : sizes[i]);
}

/* What both halves of the features share: signals from `begin` on, 2 * half samples. */
typedef struct {
    const double *given, *repaired, *forward, *backward, *given_forward, *given_backward;
    const double *change; /* where the run begins in them */
    ptrdiff_t run;
    size_t count, half;
    double level, deviation;
} RK_NAME(view);

RK_TARGET static void RK_NAME(fill_levels)(const RK_NAME(view) *v, size_t block,
                                           const double *powers, float *levels)
{
    const size_t offset = v->half - RK_LEVEL_BLOCKS / 2 * block;
    const double signal = v->level * v->level, noise = v->deviation * v->deviation;
    for (size_t j = 0; j < RK_LEVEL_BLOCKS; j++) {
        const size_t a = offset + j * block;
        const double *here = v->repaired + a;
        double largest = 0.0, bends = 0.0;
        for (size_t i = 0; i < block; i++) {
            const double bend = here[i - 1] + here[i + 1] - 2.0 * here[i];
            const double size = fabs(v->given_forward[a + i]);
            bends += bend * bend;
            largest = size > largest ? size : largest;
        }
        const double made[RK_LEVEL_CHANNELS] = {
            0.5 * log(RK_NAME(mean_square)(here, block) / signal + FAINT),
            0.5 * log(powers[j] / noise + FAINT),
            log(largest / v->deviation + FAINT),
            0.5 * log(RK_NAME(mean_square)(v->backward + a, block) / noise + FAINT),
            0.5 * log(bends / (double)block / signal + FAINT),
        };
        for (size_t c = 0; c < RK_LEVEL_CHANNELS; c++)
            levels[c * RK_LEVEL_BLOCKS + j] = (float)made[c];
    }
}

RK_TARGET static void RK_NAME(fill_wave)(const RK_NAME(view) *v, float *wave)
{
    const size_t near = v->half - RK_WAVE_LENGTH / 2, length = RK_WAVE_LENGTH;
    RK_NAME(compress)(v->given + near, 1.0 / v->level, wave, length);
    memset(wave + length, 0, length * sizeof(float));
    const ptrdiff_t at = v->run - (ptrdiff_t)near;
    const ptrdiff_t first = at > 0 ? at : 0, end = at + (ptrdiff_t)v->count;
    const ptrdiff_t last = end < (ptrdiff_t)length ? end : (ptrdiff_t)length;
    if (last > first)
        RK_NAME(compress)(v->change + (first - at), 1.0 / v->deviation, wave + length + first,
                          (size_t)(last - first));
    RK_NAME(compress)(v->given_forward + near, 1.0 / v->deviation, wave + 2 * length, length);
    RK_NAME(compress)(v->given_backward + near, 1.0 / v->deviation, wave + 3 * length, length);
    RK_NAME(compress)(v->forward + near, 1.0 / v->deviation, wave + 4 * length, length);
}

/* The nine facts: logarithms of evidence, length and sizes, and the share of the window. */
RK_TARGET static void RK_NAME(fill_facts)(const rk_detector *d, const RK_NAME(view) *v,
                                          double prominence, double contrast, float *facts)
{
    double largest = 0.0;
    for (size_t i = 0; i < v->count; i++)
        largest = fabs(v->change[i]) > largest ? fabs(v->change[i]) : largest;
    const double both = prominence * contrast;
    const double made[RK_FACTS] = {
        log(prominence > FAINT ? prominence : FAINT),
        log(contrast > FAINT ? contrast : FAINT),
        log(both > FAINT ? both : FAINT),
        log((double)v->count / d->rate * 1e3),
        log(v->deviation / v->level),
        log(largest / v->deviation + FAINT),
        log(largest / v->level + FAINT),
        log(d->rate / 44100.0),
        (double)v->count / RK_WAVE_LENGTH,
    };
    for (size_t i = 0; i < RK_FACTS; i++)
        facts[i] = (float)made[i];
}

/* Features of the run from `start` to `stop`, in an array's positions, and its `change`.
   work: 6 * (2 * half + 2 * order + 4) + order + 1 + 2 * RK_LEVEL_BLOCKS */
RK_TARGET static void RK_NAME(extract)(const rk_detector *d, const double *signal,
                                       const double *model, size_t start, size_t stop,
                                       const double *change, double prominence, double contrast,
                                       const rk_features *to, double *work)
{
    const size_t order = (size_t)d->order, block = (size_t)d->block, count = stop - start;
    const size_t by_levels = RK_LEVEL_BLOCKS / 2 * block, by_wave = RK_WAVE_LENGTH / 2;
    const size_t half = by_levels > by_wave ? by_levels : by_wave, middle = (start + stop) / 2;
    const size_t all = 2 * half + 2 * order + 4, low = middle - half - order - 2;
    const double *given = signal + low;
    double *repaired = work, *forward = repaired + all, *backward = forward + all;
    double *given_forward = backward + all, *given_backward = given_forward + all;
    double *rest = given_backward + all, *powers = rest + order + 1;
    const size_t first = start - low, last = stop - low, begin = order + 2, end = begin + 2 * half;
    memcpy(repaired, given, all * sizeof(double));
    for (size_t i = 0; i < count; i++)
        repaired[first + i] -= change[i];
    RK_NAME(residual)(repaired + begin, model, order, forward, 2 * half, rest);
    RK_NAME(residual_back)(repaired + begin, model, order, backward, 2 * half);
    memcpy(given_forward, forward, 2 * half * sizeof(double));
    memcpy(given_backward, backward, 2 * half * sizeof(double));
    /* Only near the run do the residuals of the given signal differ. */
    const size_t until = last + order < end ? last + order : end;
    RK_NAME(residual)(given + first, model, order, given_forward + (first - begin), until - first,
                      rest);
    const size_t from = first > begin + order ? first - order : begin;
    RK_NAME(residual_back)(given + from, model, order, given_backward + (from - begin),
                           last - from);
    const size_t offset = half - by_levels;
    for (size_t j = 0; j < RK_LEVEL_BLOCKS; j++) {
        powers[j] = RK_NAME(mean_square)(forward + offset + j * block, block);
        powers[RK_LEVEL_BLOCKS + j] = powers[j];
    }
    const RK_NAME(view) view = {
        .given = given + begin, .repaired = repaired + begin, .forward = forward,
        .backward = backward, .given_forward = given_forward, .given_backward = given_backward,
        .change = change, .run = (ptrdiff_t)first - (ptrdiff_t)begin, .count = count, .half = half,
        .level = sqrt(RK_NAME(mean_square)(repaired + begin + half - by_wave, RK_WAVE_LENGTH))
                 + LEAST_LEVEL,
        .deviation = sqrt(rk_median(powers + RK_LEVEL_BLOCKS, RK_LEVEL_BLOCKS)) + LEAST_LEVEL,
    };
    RK_NAME(fill_levels)(&view, block, powers, to->levels);
    RK_NAME(fill_wave)(&view, to->wave);
    RK_NAME(fill_facts)(d, &view, prominence, contrast, to->facts);
}

#undef FAINT
#undef LEAST_LEVEL

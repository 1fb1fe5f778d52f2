/* Included by declick.c for each kind of processor: short gaps interpolated from both sides. */

/* Fill x[start..stop) by least squares, under the model of the frame around it. */
RK_TARGET static int RK_NAME(interpolate)(const rk_estimator *estimator, size_t estimate_work,
                                          double *x, size_t start, size_t stop, rk_arena arena)
{
    const size_t order = (size_t)estimator->order, frame = (size_t)estimator->count;
    const size_t count = stop - start, solving = count * count + count + 2 * order + 1;
    double *model = rk_take(&arena, order + 1), *taps = rk_take(&arena, 2 * order + 1);
    double *change = rk_take(&arena, count);
    double *work = rk_take(&arena, solving > estimate_work ? solving : estimate_work);
    if (model == NULL || taps == NULL || change == NULL || work == NULL)
        return RK_NO_MEMORY;
    RK_NAME(estimate)(estimator, x + (start + stop - frame) / 2, model, work);
    RK_NAME(inverse_taps)(model, order, taps, work);
    memset(x + start, 0, count * sizeof(double));
    RK_NAME(interpolation_error)(x + start, taps, order, change, count, work);
    for (size_t i = 0; i < count; i++)
        x[start + i] = -change[i];
    return 0;
}

static double RK_NAME(peak)(const double *x, size_t count)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fabs(x[i]) > most ? fabs(x[i]) : most;
    return most;
}

/* Interpolate, and take it back where it runs away: 1, 0 where it did, or an error. */
RK_TARGET static int RK_NAME(settle)(const rk_gaps *g, const rk_estimator *estimator, double *x,
                                     size_t start, size_t stop, rk_arena arena)
{
    const size_t order = (size_t)estimator->order, count = stop - start;
    double *given = rk_take(&arena, count);
    if (given == NULL)
        return RK_NO_MEMORY;
    memcpy(given, x + start, count * sizeof(double));
    if (RK_NAME(interpolate)(estimator, g->estimate_work, x, start, stop, arena) < 0)
        return RK_NO_MEMORY;
    const double before = RK_NAME(peak)(x + start - order, order);
    const double after = RK_NAME(peak)(x + stop, order);
    const double limit = g->largest_growth * (before > after ? before : after);
    int sound = 1;
    for (size_t i = start; i < stop; i++)
        sound = sound && fabs(x[i]) <= limit; /* not so for NaN */
    if (!sound)
        memcpy(x + start, given, count * sizeof(double));
    return sound;
}

/* Fill a gap, first under a low order, which takes the worst out of the context. */
RK_TARGET static int RK_NAME(fill_gap)(const rk_gaps *g, double *x, size_t start, size_t stop,
                                       rk_arena arena)
{
    const size_t count = stop - start;
    double *given = rk_take(&arena, count);
    if (given == NULL)
        return RK_NO_MEMORY;
    memcpy(given, x + start, count * sizeof(double));
    if (RK_NAME(interpolate)(&g->first, g->estimate_work, x, start, stop, arena) < 0)
        return RK_NO_MEMORY;
    const int sound = RK_NAME(settle)(g, &g->usual, x, start, stop, arena);
    if (sound == 0)
        memcpy(x + start, given, count * sizeof(double));
    return sound;
}

/* Fill a gap again, from better surroundings. */
RK_TARGET static int RK_NAME(refine_gap)(const rk_gaps *g, double *x, size_t start, size_t stop,
                                         rk_arena arena)
{
    const int is_wide = stop - start >= (size_t)g->wide;
    return RK_NAME(settle)(g, is_wide ? &g->for_wide : &g->usual, x, start, stop, arena);
}

/* Included by declick.c for each kind of processor: the evidence for slow swings after clicks. The
   low band is an autoregressive process plus decaying swings of unknown weights; both are Gaussian,
   so one small linear system per time constant gives the likeliest swing (after Godsill and Tan,
   WASPAA 1997). */

typedef struct {
    double evidence;
    int number; /* of the time constant */
    double weights[RK_MOST_SHAPES];
    int fits;
} RK_NAME(swing);

/* Cholesky's factor L of the lower triangle of a + diagonal I, in rows; 0 where there is none. */
static int RK_NAME(cholesky)(const double *a, double diagonal, size_t count, double *lower)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * count + j] + (i == j ? diagonal : 0.0);
            for (size_t k = 0; k < j; k++)
                sum -= lower[i * count + k] * lower[j * count + k];
            if (i == j && !(sum > 0.0))
                return 0;
            lower[i * count + j] = i == j ? sqrt(sum) : sum / lower[j * count + j];
        }
    return 1;
}

/* Solve L half = pull; the sum of its squares. */
static double RK_NAME(forward)(const double *lower, const double *pull, size_t count, double *half)
{
    double squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        double sum = pull[i];
        for (size_t k = 0; k < i; k++)
            sum -= lower[i * count + k] * half[k];
        half[i] = sum / lower[i * count + i];
        squares += half[i] * half[i];
    }
    return squares;
}

/* Find the log evidence, and the likeliest weights under the prior that suits best.
   work: count * (count + 1) */
static double RK_NAME(weigh_swing)(const rk_thumps *t, const double *stiffness, const double *pull,
                                   double power, size_t count, double *weights, double *work)
{
    double *lower = work, *half = work + count * count, trace = 0.0, best = -INFINITY;
    for (size_t i = 0; i < count; i++)
        trace += stiffness[i * count + i];
    const double ridge = t->ridge * trace / (double)count;
    /* Whether any weights at all, however large, would explain enough to be looked at. */
    if (!RK_NAME(cholesky)(stiffness, ridge, count, lower)
        || !(0.5 * RK_NAME(forward)(lower, pull, count, half)
             > t->least_evidence * t->later_share))
        return 0.0;
    for (int size = 0; size < RK_SIZES; size++) {
        const double prior = (double)count / (power * t->sizes[size] + t->floor);
        if (!RK_NAME(cholesky)(stiffness, prior + ridge, count, lower))
            continue;
        const double squares = RK_NAME(forward)(lower, pull, count, half);
        double volume = -0.5 * (double)count * log(prior);
        for (size_t i = 0; i < count; i++)
            volume += log(lower[i * count + i]);
        const double evidence = 0.5 * squares - volume;
        if (!(evidence > best))
            continue;
        best = evidence;
        for (size_t i = count; i-- > 0;) {
            double sum = half[i];
            for (size_t k = i + 1; k < count; k++)
                sum -= lower[k * count + i] * weights[k];
            weights[i] = sum / lower[i * count + i];
        }
    }
    return best;
}

/* Write the low band on a grid that has the anchor on it, `after` samples from it on. */
RK_TARGET static void RK_NAME(low_band)(const rk_thumps *t, const double *signal, size_t anchor,
                                        size_t after, double *low)
{
    const size_t factor = (size_t)t->factor, start = (size_t)(t->context + t->order + 1);
    RK_NAME(decimate)(signal + anchor - start * factor - (size_t)(t->tap_count / 2), t->taps,
                      (size_t)t->tap_count, factor, low, start + after);
}

/* Whether anything happens after the anchor that did not before: 1, 0, or an error. */
RK_TARGET static int RK_NAME(has_rise)(const rk_thumps *t, const double *signal, size_t anchor,
                                       rk_arena arena)
{
    const size_t context = (size_t)t->context, order = (size_t)t->order;
    const size_t rise = (size_t)t->energy_rise, start = context + order + 1;
    double *low = rk_take(&arena, start + rise), *model = rk_take(&arena, order + 1);
    double *errors = rk_take(&arena, context + rise);
    double *work = rk_take(&arena, t->estimate_work);
    if (low == NULL || model == NULL || errors == NULL || work == NULL)
        return RK_NO_MEMORY;
    RK_NAME(low_band)(t, signal, anchor, rise, low);
    RK_NAME(estimate)(&t->estimator, low + start - context, model, work);
    RK_NAME(residual)(low + start - context, model, order, errors, context + rise, work);
    return RK_NAME(mean_square)(errors + context, rise)
           > t->rise_factor * (RK_NAME(mean_square)(errors, context) + t->floor);
}

/* The model of both sides of a zone. work: that of estimate */
RK_TARGET static void RK_NAME(model_of_sides)(const rk_thumps *t, const double *before,
                                              const double *after, double *model, double *work)
{
    const size_t context = (size_t)t->context, order = (size_t)t->order;
    double *windowed = work, *sum = windowed + context + order + 8, *rest = sum + order + 1;
    for (int side = 0; side < 2; side++) {
        const double *x = side ? after : before;
        for (size_t i = 0; i < context; i++)
            windowed[i] = x[i] * t->estimator.window[i];
        for (size_t i = context; i < context + order + 1; i++)
            windowed[i] = 0.0;
        RK_NAME(fir)(windowed, windowed, context, side ? rest : sum, order + 1);
    }
    for (size_t i = 0; i <= order; i++)
        sum[i] += rest[i];
    RK_NAME(model_of)(sum, order, 2 * context, model, rest);
}

/* Whether a swing leaves the zone as quiet as music is: `without` has `order` samples before it. */
RK_TARGET static int RK_NAME(fits)(const rk_thumps *t, const double *model, double *without,
                                   const rk_shapes *shapes, const double *weights,
                                   double variance, double *errors, double *work)
{
    const size_t order = (size_t)t->order, count = (size_t)shapes->count;
    RK_NAME(residual)(without + order, model, order, errors, count, work);
    const double given = RK_NAME(mean_square)(errors, count);
    for (size_t k = 0; k < (size_t)shapes->numbers; k++)
        RK_NAME(axpy)(without + order, -weights[k], shapes->rows + k * count, count);
    RK_NAME(residual)(without + order, model, order, errors, count, work);
    const double left = RK_NAME(mean_square)(errors, count);
    const double small = t->small_share * given, most = t->most_left * variance;
    return left < t->left_share * given && left < (small > most ? small : most);
}

/* The evidence for a swing of one time constant that begins in low at `start`. 0, or an error. */
RK_TARGET static int RK_NAME(fit)(const rk_thumps *t, const double *low, size_t start, int number,
                                  RK_NAME(swing) *swing, rk_arena arena)
{
    const rk_shapes *shapes = &t->shapes[number];
    const size_t context = (size_t)t->context, order = (size_t)t->order;
    const size_t count = (size_t)shapes->count, numbers = (size_t)shapes->numbers;
    const size_t stop = start + count, longer = count > context ? count : context;
    double *model = rk_take(&arena, order + 1), *taps = rk_take(&arena, 2 * order + 1);
    double *errors = rk_take(&arena, longer), *padded = rk_take(&arena, count + 2 * order);
    double *pull = rk_take(&arena, numbers), *stiffness = rk_take(&arena, numbers * numbers);
    double *small = rk_take(&arena, numbers * (numbers + 1));
    double *work = rk_take(&arena, t->estimate_work);
    if (model == NULL || taps == NULL || errors == NULL || padded == NULL || pull == NULL
        || stiffness == NULL || small == NULL || work == NULL)
        return RK_NO_MEMORY;
    const double *before = low + start - context, *after = low + stop;
    RK_NAME(model_of_sides)(t, before, after, model, work);
    RK_NAME(residual)(before, model, order, errors, context, work);
    const double early = RK_NAME(mean_square)(errors, context);
    RK_NAME(residual)(after + order, model, order, errors, context - order, work);
    const double late = RK_NAME(mean_square)(errors, context - order);
    double variance = early > late ? early : late;
    variance = variance > t->floor ? variance : t->floor;
    RK_NAME(inverse_taps)(model, order, taps, work);
    RK_NAME(gradient)(low + start, taps, order, errors, count);
    memset(padded, 0, (count + 2 * order) * sizeof(double));
    for (size_t k = 0; k < numbers; k++)
        pull[k] = RK_NAME(dot)(shapes->rows + k * count, errors, count) / variance;
    for (size_t k = 0; k < numbers; k++) {
        memcpy(padded + order, shapes->rows + k * count, count * sizeof(double));
        RK_NAME(gradient)(padded + order, taps, order, errors, count);
        for (size_t j = 0; j <= k; j++)
            stiffness[k * numbers + j] =
                RK_NAME(dot)(errors, shapes->rows + j * count, count) / variance;
    }
    const double power = 0.5 * (RK_NAME(mean_square)(before, context)
                                + RK_NAME(mean_square)(after, context));
    const double evidence = RK_NAME(weigh_swing)(t, stiffness, pull, power, numbers,
                                                 swing->weights, small);
    swing->number = number;
    swing->fits = 0;
    swing->evidence = evidence > 0.0 ? evidence : 0.0;
    if (!(evidence > 0.0))
        return 0;
    memcpy(padded, low + start - order, (count + order) * sizeof(double));
    swing->fits = RK_NAME(fits)(t, model, padded, shapes, swing->weights, variance, errors, work);
    return 0;
}

/* The likeliest swing at a place. Whatever swings shows a little in the first time constant that is
   tried; where it does not, no other is tried. 0, or an error. */
RK_TARGET static int RK_NAME(likeliest)(const rk_thumps *t, const double *signal, size_t anchor,
                                        RK_NAME(swing) *best, rk_arena arena)
{
    const size_t start = (size_t)(t->context + t->order + 1);
    double *low = rk_take(&arena, 2 * start + (size_t)t->longest);
    if (low == NULL)
        return RK_NO_MEMORY;
    RK_NAME(low_band)(t, signal, anchor, (size_t)t->longest + start, low);
    *best = (RK_NAME(swing)){0};
    for (int i = 0; i < RK_DECAYS; i++) {
        RK_NAME(swing) swing;
        if (RK_NAME(fit)(t, low, start, t->tried[i], &swing, arena) < 0)
            return RK_NO_MEMORY;
        if (swing.evidence > best->evidence)
            *best = swing;
        else if (i == 0)
            break;
    }
    return 0;
}

/* Whether the music alone has shown such evidence in the last seconds: 1, 0, or an error. */
RK_TARGET static int RK_NAME(has_similar)(const rk_thumps *t, const double *signal, size_t anchor,
                                          int64_t heard, double evidence, rk_arena arena)
{
    const int64_t reach = heard - t->reach, most = t->history < reach ? t->history : reach;
    for (int64_t back = (int64_t)(t->longest + t->order) * t->factor; back < most;
         back += t->step) {
        const size_t at = anchor - (size_t)back;
        const int rises = RK_NAME(has_rise)(t, signal, at, arena);
        RK_NAME(swing) swing;
        if (rises < 0 || (rises && RK_NAME(likeliest)(t, signal, at, &swing, arena) < 0))
            return RK_NO_MEMORY;
        if (rises && swing.fits && swing.evidence > evidence)
            return 1;
    }
    return 0;
}

/* The swing that clearly begins at an anchor: 1 with its weights, 0 for none, or an error. */
RK_TARGET static int RK_NAME(find_thump)(const rk_thumps *t, const double *signal, size_t anchor,
                                         int64_t heard, int *number, double *weights,
                                         rk_arena arena)
{
    if (heard < t->known)
        return 0;
    const int rises = RK_NAME(has_rise)(t, signal, anchor, arena);
    if (rises <= 0)
        return rises;
    RK_NAME(swing) found, near;
    if (RK_NAME(likeliest)(t, signal, anchor, &found, arena) < 0)
        return RK_NO_MEMORY;
    if (!found.fits || found.evidence < t->least_evidence)
        return 0;
    const size_t places[2] = {anchor + (size_t)t->later, anchor - (size_t)t->earlier};
    const double shares[2] = {t->later_share, t->earlier_share};
    for (int i = 0; i < 2; i++) {
        if (RK_NAME(likeliest)(t, signal, places[i], &near, arena) < 0)
            return RK_NO_MEMORY;
        if (near.evidence > shares[i] * found.evidence)
            return 0;
    }
    const int similar = RK_NAME(has_similar)(t, signal, anchor, heard,
                                             t->similar_share * found.evidence, arena);
    if (similar != 0)
        return similar < 0 ? similar : 0;
    *number = found.number;
    memcpy(weights, found.weights,
           (size_t)t->shapes[found.number].numbers * sizeof(double));
    return 1;
}

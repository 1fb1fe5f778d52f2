/* Included by declick.c for each kind of processor: evidence for clicks under a model. For a run of
   samples U the energy of the residual falls by z_U' B_UU^-1 z_U when they are interpolated (Godsill
   and Rayner 1998, chapters 5 and 10); one triangular factor gives that for every length. */

/* Scores below the best so far by this much end a run. */
#define EARLY_STOP_DROP 30.0

/* Subtract what sample i of a run explains from those after it; return its part, whitened. */
RK_TARGET static double RK_NAME(eliminate)(double *z, const double *upper, size_t size, size_t order,
                                           size_t i)
{
    const double *row = upper + i * size;
    const size_t end = size < i + order + 1 ? size : i + order + 1;
    const double value = z[i] / row[i];
    RK_NAME(axpy)(z + i + 1, -value, row + i + 1, end - i - 1);
    return value;
}

/* Score the runs that begin at every `stride` samples of x[0..count).
   deviation: of the residual at each of them. work: longest * (longest + 3) + 3 * count
   + 4 * order + 8 */
RK_TARGET static void RK_NAME(scan_segment)(const rk_detector *d, const double *x,
                                            const double *model, const double *deviation,
                                            double power, size_t count, double *scores,
                                            double *lengths, double *work)
{
    const size_t order = (size_t)d->order, longest = (size_t)d->longest;
    double *taps = work, *upper = taps + 2 * order + 1, *penalty = upper + longest * longest;
    double *run = penalty + longest, *z = run + longest;
    RK_NAME(inverse_taps)(model, order, taps, z);
    const double ridge = RK_NAME(mean_square)(deviation, count) / power, root = sqrt(ridge);
    RK_NAME(toeplitz_cholesky)(taps + order, order, ridge, longest, upper, run);
    for (size_t i = 0; i < longest; i++)
        penalty[i] = log(upper[i * longest + i] / root);
    RK_NAME(gradient)(x, taps, order, z, count + longest);
    for (size_t turn = 0; turn < count / RK_STRIDE; turn++) {
        const size_t at = turn * RK_STRIDE;
        const double variance = deviation[at] * deviation[at], half = 0.5 / variance;
        double best = -1.0, length = 0.0, alone = 0.0, gain = 0.0;
        for (size_t i = at; i < at + RK_STRIDE; i++)
            alone = z[i] * z[i] > alone ? z[i] * z[i] : alone;
        if (!(alone < d->prefilter * variance * (taps[order] + ridge))) {
            memcpy(run, z + at, longest * sizeof(double));
            for (size_t i = 0; i < longest; i++) {
                const double value = RK_NAME(eliminate)(run, upper, longest, order, i);
                gain += half * value * value - penalty[i];
                if (gain > best) {
                    best = gain;
                    length = (double)(i + 1);
                } else if (gain < best - EARLY_STOP_DROP) {
                    break;
                }
            }
        }
        scores[turn] = best;
        lengths[turn] = length;
    }
}

/* Mark with 1 the blocks of x[0..] where a pop begins: loud times the power of both sides.
   work: count * block + longest + 2 * side + 1 */
RK_TARGET static void RK_NAME(loud_runs)(const rk_detector *d, const double *x, size_t block,
                                         size_t side, double *marks, size_t count, double *work)
{
    const size_t longest = (size_t)d->longest, all = count * block + longest + 2 * side + 1;
    double *total = work;
    total[0] = 0.0;
    for (size_t i = 0; i + 1 < all; i++)
        total[i + 1] = total[i] + x[(ptrdiff_t)i - (ptrdiff_t)side] * x[(ptrdiff_t)i - (ptrdiff_t)side];
    int armed = 1;
    for (size_t turn = 0; turn < count; turn++) {
        const size_t at = side + turn * block;
        const double power = (total[at + block] - total[at]) / (double)block;
        const double before = (total[at] - total[at - side]) / (double)side;
        const double after = (total[at + longest + side] - total[at + longest]) / (double)side;
        double most = before > after ? before : after;
        most = most > 0.0 ? most : 0.0;
        const int above = power > d->loud * (most + 1e-12);
        marks[turn] = above && armed ? 1.0 : 0.0;
        armed = !above;
    }
}

/* What refine_run needs of a model and of a stretch of signal. */
typedef struct {
    double *taps, *upper, *z, *run;
    double variance;
} RK_NAME(placing);

/* Prepare for runs that begin in x[0..=last]. work: longest * (longest + 2) + 4 * order + 8 + last
   + 2 * far_side */
RK_TARGET static RK_NAME(placing) RK_NAME(prepare_placing)(const rk_detector *d, const double *x,
                                                           const double *model, size_t last,
                                                           double *work)
{
    const size_t order = (size_t)d->order, longest = (size_t)d->longest;
    const size_t side = (size_t)d->far_side, end = last + longest;
    RK_NAME(placing) p = {.taps = work};
    p.upper = p.taps + 2 * order + 1;
    p.run = p.upper + longest * longest;
    p.z = p.run + longest;
    double *errors = p.z + end, *rest = errors + side;
    RK_NAME(inverse_taps)(model, order, p.taps, rest);
    RK_NAME(toeplitz_cholesky)(p.taps + order, order, RK_LEAST_RIDGE * p.taps[order], longest,
                               p.upper, p.run);
    RK_NAME(gradient)(x, p.taps, order, p.z, end);
    p.variance = d->floor;
    RK_NAME(residual)(x - side, model, order, errors, side, rest);
    const double before = RK_NAME(mean_square)(errors, side);
    RK_NAME(residual)(x + end, model, order, errors, side, rest);
    const double after = RK_NAME(mean_square)(errors, side);
    p.variance = before > p.variance ? before : p.variance;
    p.variance = after > p.variance ? after : p.variance;
    return p;
}

/* The likeliest run that begins in 0..=last: its length, 0 for none; `found` is its start. */
RK_TARGET static size_t RK_NAME(refine_run)(const rk_detector *d, const RK_NAME(placing) *p,
                                            size_t last, double penalty, size_t *found)
{
    const size_t longest = (size_t)d->longest, order = (size_t)d->order;
    const size_t step = d->factor == 1 ? 2 : 1;
    double best = 0.0;
    size_t count = 0;
    *found = 0;
    for (size_t start = 0; start <= last; start += step) {
        double gain = 0.0, highest = 0.0;
        memcpy(p->run, p->z + start, longest * sizeof(double));
        for (size_t i = 0; i < longest; i++) {
            const double value = RK_NAME(eliminate)(p->run, p->upper, longest, order, i);
            gain += 0.5 * value * value / p->variance - penalty;
            highest = gain > highest ? gain : highest;
            if (gain > best) {
                best = gain;
                *found = start;
                count = i + 1;
            } else if (gain < highest - EARLY_STOP_DROP) {
                break;
            }
        }
    }
    return count;
}

/* How far a run x[0..count) stands out of what is left once it is interpolated, by `change`.
   work: (count + 2 * side + 4 * order) + count + 2 * side + order + 1 */
RK_TARGET static double RK_NAME(prominence)(const rk_detector *d, const double *x,
                                            const double *model, const double *taps,
                                            const double *change, size_t count, double *work)
{
    const size_t order = (size_t)d->order, side = (size_t)d->side, width = count + 2 * side;
    double *local = work, *errors = local + width + 4 * order, *rest = errors + width;
    double *inner = local + side + 2 * order, *begin = local + 2 * order;
    memcpy(local, x - side - 2 * order, (width + 4 * order) * sizeof(double));
    RK_NAME(gradient)(inner, taps, order, errors, count);
    const double taken = RK_NAME(dot)(errors, change, count);
    for (size_t i = 0; i < count; i++)
        inner[i] -= change[i];
    double left = d->floor;
    for (int back = 0; back < 2; back++) {
        if (back)
            RK_NAME(residual_back)(begin, model, order, errors, width);
        else
            RK_NAME(residual)(begin, model, order, errors, width, rest);
        const double means[3] = {RK_NAME(mean_square)(errors, side),
                                 RK_NAME(mean_square)(errors + side, count),
                                 RK_NAME(mean_square)(errors + side + count, side)};
        for (int i = 0; i < 3; i++)
            left = means[i] > left ? means[i] : left;
    }
    return taken / ((double)count + d->length_regulariser) / left;
}

/* How much the levels around a run x[0..count) speak for a click: below 1 against, above for. */
RK_TARGET static double RK_NAME(contrast)(const rk_detector *d, const double *x,
                                          const double *change, size_t count)
{
    const double power = RK_NAME(mean_square)(change, count);
    double step = 1.0, louder = INFINITY;
    for (int turn = 0; turn < 2; turn++) {
        const size_t width = (size_t)d->side * (turn ? 4 : 1);
        const double before = RK_NAME(mean_square)(x - width, width) + d->floor;
        const double after = RK_NAME(mean_square)(x + count, width) + d->floor;
        const double up = after / before / d->rise, down = before / after / d->fall;
        const double over = power / (before > after ? before : after);
        step = up > step ? up : step;
        step = down > step ? down : step;
        louder = over < louder ? over : louder;
    }
    const double speaks = louder / d->loud;
    return (speaks > 1.0 ? speaks : 1.0) / step;
}
#undef EARLY_STOP_DROP

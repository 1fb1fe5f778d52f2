/* Included by declick.c for each kind of processor: autoregressive models in double.
   A model a of some order says that e[n] = sum a[i] x[n - i], with a[0] = 1, is white. Sums have a
   fixed order on one processor. */

#define V RK_NAME(lanes)
#define AT(p) (*(V *)(p))
#define GET(p) (*(const V *)(p))

RK_TARGET static double RK_NAME(sum_lanes)(V v)
{
    double lanes[RK_LANES], total = 0.0;
    AT(lanes) = v;
    for (int i = 0; i < RK_LANES; i++)
        total += lanes[i];
    return total;
}

RK_TARGET static double RK_NAME(dot)(const double *a, const double *b, size_t count)
{
    V s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t i = 0;
    for (; i + 4 * RK_LANES <= count; i += 4 * RK_LANES) {
        s0 += GET(a + i) * GET(b + i);
        s1 += GET(a + i + RK_LANES) * GET(b + i + RK_LANES);
        s2 += GET(a + i + 2 * RK_LANES) * GET(b + i + 2 * RK_LANES);
        s3 += GET(a + i + 3 * RK_LANES) * GET(b + i + 3 * RK_LANES);
    }
    for (; i + RK_LANES <= count; i += RK_LANES)
        s0 += GET(a + i) * GET(b + i);
    double total = RK_NAME(sum_lanes)((s0 + s1) + (s2 + s3));
    for (; i < count; i++)
        total += a[i] * b[i];
    return total;
}

RK_TARGET static double RK_NAME(mean_square)(const double *x, size_t count)
{
    return RK_NAME(dot)(x, x, count) / (double)count;
}

/* target += weight * source */
RK_TARGET static void RK_NAME(axpy)(double *target, double weight, const double *source,
                                    size_t count)
{
    size_t i = 0;
    for (; i + RK_LANES <= count; i += RK_LANES)
        AT(target + i) += weight * GET(source + i);
    for (; i < count; i++)
        target[i] += weight * source[i];
}

/* out[n] = sum over k of taps[k] x[n + k]; x may be the taps. */
RK_TARGET static void RK_NAME(fir)(const double *x, const double *taps, size_t tap_count,
                                   double *out, size_t count)
{
    size_t n = 0;
    for (; n + 8 * RK_LANES <= count; n += 8 * RK_LANES) {
        V s[8] = {0};
        for (size_t k = 0; k < tap_count; k++)
            for (int v = 0; v < 8; v++)
                s[v] += taps[k] * GET(x + n + k + v * RK_LANES);
        for (int v = 0; v < 8; v++)
            AT(out + n + (size_t)v * RK_LANES) = s[v];
    }
    for (; n + 2 * RK_LANES <= count; n += 2 * RK_LANES) {
        V s[4] = {0};
        size_t k = 0;
        for (; k + 2 <= tap_count; k += 2)
            for (int v = 0; v < 4; v++)
                s[v] += taps[k + v / 2] * GET(x + n + k + v / 2 + (v % 2) * RK_LANES);
        for (; k < tap_count; k++)
            for (int v = 0; v < 2; v++)
                s[v] += taps[k] * GET(x + n + k + v * RK_LANES);
        AT(out + n) = s[0] + s[2];
        AT(out + n + RK_LANES) = s[1] + s[3];
    }
    for (; n < count; n++)
        out[n] = RK_NAME(dot)(x + n, taps, tap_count);
}

/* Solve the Yule-Walker equations of correlation[0..order] into a model.
   work: 3 * order + 8. The model and the one that predicts backwards grow together. */
RK_TARGET static void RK_NAME(levinson)(const double *correlation, size_t order, double *model,
                                        double *work)
{
    double *mirrored = work, *back = work + order + 1; /* correlations from the last on */
    for (size_t i = 0; i <= order; i++) {
        mirrored[i] = correlation[order - i];
        model[i] = 0.0;
        back[i] = 0.0;
    }
    model[0] = back[order] = 1.0;
    double error = correlation[0], total = order > 0 ? correlation[1] : 0.0;
    for (size_t k = 1; k <= order; k++) {
        const double reflection = -total / error;
        double *b = back + order - k; /* of order k, from 0 to k; b[0] is 0 still */
        const double *next = mirrored + (k < order ? order - k - 1 : 0);
        V s = {0}, weight = V_OF(reflection);
        size_t j = 0;
        for (; j + RK_LANES <= k + 1; j += RK_LANES) {
            const V a = GET(model + j), c = GET(b + j), made = a + weight * c;
            AT(model + j) = made;
            AT(b + j) = c + weight * a;
            s += made * GET(next + j);
        }
        total = RK_NAME(sum_lanes)(s);
        for (; j <= k; j++) {
            const double a = model[j], c = b[j];
            model[j] = a + reflection * c;
            b[j] = c + reflection * a;
            total += model[j] * next[j];
        }
        error *= 1.0 - reflection * reflection;
    }
}

/* The model of an autocorrelation over so many samples, made regular; changes correlation[0]. */
RK_TARGET static void RK_NAME(model_of)(double *correlation, size_t order, size_t samples,
                                        double *model, double *work)
{
    correlation[0] = correlation[0] * (1.0 + RK_RIDGE) + RK_FLOOR * (double)samples;
    RK_NAME(levinson)(correlation, order, model, work);
}

/* Estimate the model of a frame. work: count + 4 * order + 24, and the transform's. */
RK_TARGET static void RK_NAME(estimate)(const rk_estimator *estimator, const double *frame,
                                        double *model, double *work)
{
    const size_t count = (size_t)estimator->count, order = (size_t)estimator->order;
    double *windowed = work, *correlation = windowed + count + order + 8;
    double *rest = correlation + order + 1;
    for (size_t i = 0; i < count; i++)
        windowed[i] = frame[i] * estimator->window[i];
    if (estimator->fft != NULL) {
        rk_fft_autocorrelate(estimator->fft, windowed, count, correlation, order + 1, rest);
    } else {
        for (size_t i = count; i < count + order + 1; i++)
            windowed[i] = 0.0;
        RK_NAME(fir)(windowed, windowed, count, correlation, order + 1);
    }
    RK_NAME(model_of)(correlation, order, count, model, rest);
}

/* b[l] = sum of a[i] a[i + l], written as taps for l from -order to order.
   work: 2 * order + 1 */
RK_TARGET static void RK_NAME(inverse_taps)(const double *model, size_t order, double *taps,
                                            double *work)
{
    for (size_t i = 0; i <= order; i++) {
        work[i] = model[i];
        if (i > 0)
            work[order + i] = 0.0;
    }
    for (size_t l = 0; l <= order; l += 8 * RK_LANES) { /* the further apart, the fewer products */
        const size_t left = order + 1 - l, lags = left < 8 * RK_LANES ? left : 8 * RK_LANES;
        RK_NAME(fir)(work + l, work, left, taps + order + l, lags);
    }
    for (size_t l = 1; l <= order; l++)
        taps[order - l] = taps[order + l];
}

/* Prediction errors of samples x[0..count), of which `order` must be there before.
   work: order + 1 */
RK_TARGET static void RK_NAME(residual)(const double *x, const double *model, size_t order,
                                        double *out, size_t count, double *work)
{
    for (size_t i = 0; i <= order; i++)
        work[i] = model[order - i];
    RK_NAME(fir)(x - order, work, order + 1, out, count);
}

/* The same, predicted from the samples after. */
RK_TARGET static void RK_NAME(residual_back)(const double *x, const double *model, size_t order,
                                             double *out, size_t count)
{
    RK_NAME(fir)(x, model, order + 1, out, count);
}

/* Half the gradient of the residual energy by samples x[0..count), from taps of inverse_taps. */
RK_TARGET static void RK_NAME(gradient)(const double *x, const double *taps, size_t order,
                                        double *out, size_t count)
{
    RK_NAME(fir)(x - order, taps, 2 * order + 1, out, count);
}

/* Upper U, count x count, with U'U = Toeplitz(b) + added I; below the diagonal nothing is written.
   Schur's algorithm in its mixed form. work: count */
RK_TARGET static void RK_NAME(toeplitz_cholesky)(const double *b, size_t order, double added,
                                                 size_t count, double *upper, double *work)
{
    const size_t known = count < order + 1 ? count : order + 1;
    const double root = 1.0 / sqrt(b[0] + added);
    for (size_t i = 0; i < count; i++)
        upper[i] = work[i] = i < known ? (b[i] + (i == 0 ? added : 0.0)) * root : 0.0;
    for (size_t k = 1; k < count; k++) {
        const double *before = upper + (k - 1) * count + k - 1;
        double *row = upper + k * count + k, *rest = work + k;
        const double turn = rest[0] / before[0];
        const double left = (1.0 - turn) * (1.0 + turn);
        const double scale = sqrt(left > 1e-12 ? left : 1e-12), grow = 1.0 / scale;
        const V turns = V_OF(turn), scales = V_OF(scale), grows = V_OF(grow);
        const size_t length = count - k;
        size_t j = 0;
        for (; j + RK_LANES <= length; j += RK_LANES) {
            const V r = (GET(before + j) - turns * GET(rest + j)) * grows;
            AT(row + j) = r;
            AT(rest + j) = scales * GET(rest + j) - turns * r;
        }
        for (; j < length; j++) {
            row[j] = (before[j] - turn * rest[j]) * grow;
            rest[j] = scale * rest[j] - turn * row[j];
        }
    }
}

/* Solve U'U x = right in place, with U of `order` beside the diagonal. */
RK_TARGET static void RK_NAME(solve)(const double *upper, size_t order, double *right,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double *row = upper + i * count;
        const size_t end = count < i + order + 1 ? count : i + order + 1;
        right[i] /= row[i];
        RK_NAME(axpy)(right + i + 1, -right[i], row + i + 1, end - i - 1);
    }
    for (size_t i = count; i-- > 0;) {
        const double *row = upper + i * count;
        const size_t end = count < i + order + 1 ? count : i + order + 1;
        right[i] = (right[i] - RK_NAME(dot)(row + i + 1, right + i + 1, end - i - 1)) / row[i];
    }
}

/* Samples x[0..count) minus their least-squares interpolation from all others (Godsill and Rayner
   1998, section 5.2). work: count * count + count */
RK_TARGET static void RK_NAME(interpolation_error)(const double *x, const double *taps,
                                                   size_t order, double *out, size_t count,
                                                   double *work)
{
    const double *b = taps + order;
    RK_NAME(gradient)(x, taps, order, out, count);
    RK_NAME(toeplitz_cholesky)(b, order, RK_LEAST_RIDGE * b[0], count, work, work + count * count);
    RK_NAME(solve)(work, order, out, count);
}

/* out[i] = sum of taps * x[i * factor ...] */
RK_TARGET static void RK_NAME(decimate)(const double *x, const double *taps, size_t tap_count,
                                        size_t factor, double *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = RK_NAME(dot)(x + i * factor, taps, tap_count);
}

/* Included by fft.c for each kind of processor: the passes of a complex transform, after Stockham.
   A pass of radix r takes s interleaved transforms of length n to r * s of length n / r; real and
   imaginary parts lie apart, so that vectors run along the interleaved ones. */

#include "lanes.h"

#define V RK_NAME(lanes)
#define AT(p) (*(V *)(p))
#define GET(p) (*(const V *)(p))

/* y = (re, im) times the twiddle (w[0], w[1]) */
#define TWIDDLED(re, im, w, yr, yi)                                                               \
    do {                                                                                          \
        const V re_ = (re), im_ = (im);                                                           \
        AT(yr) = re_ * (w)[0] - im_ * (w)[1];                                                     \
        AT(yi) = re_ * (w)[1] + im_ * (w)[0];                                                     \
    } while (0)

/* The first pass, of radix 4 and with nothing interleaved: vectors run along the transform.
   w: for each power 1 to 3 the real parts, then the imaginary ones. */
RK_TARGET static void RK_NAME(first)(const double *xr, const double *xi, double *yr, double *yi,
                                     size_t m, const double *w)
{
    double made[8][RK_LANES];
    size_t p = 0;
    for (; p + RK_LANES <= m; p += RK_LANES) {
        const V ar = GET(xr + p), ai = GET(xi + p), br = GET(xr + m + p), bi = GET(xi + m + p);
        const V cr = GET(xr + 2 * m + p), ci = GET(xi + 2 * m + p);
        const V dr = GET(xr + 3 * m + p), di = GET(xi + 3 * m + p);
        const V sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
        const V ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
        const V qr[3] = {tr + vi, sr - ur, tr - vi}, qi[3] = {ti - vr, si - ui, ti + vr};
        AT(made[0]) = sr + ur;
        AT(made[1]) = si + ui;
        for (int j = 0; j < 3; j++) {
            const V wr = GET(w + (size_t)(2 * j) * m + p), wi = GET(w + (size_t)(2 * j + 1) * m + p);
            AT(made[2 * j + 2]) = qr[j] * wr - qi[j] * wi;
            AT(made[2 * j + 3]) = qr[j] * wi + qi[j] * wr;
        }
        for (size_t i = 0; i < RK_LANES; i++)
            for (size_t j = 0; j < 4; j++) {
                yr[4 * (p + i) + j] = made[2 * j][i];
                yi[4 * (p + i) + j] = made[2 * j + 1][i];
            }
    }
    for (; p < m; p++) {
        const double sr = xr[p] + xr[2 * m + p], si = xi[p] + xi[2 * m + p];
        const double tr = xr[p] - xr[2 * m + p], ti = xi[p] - xi[2 * m + p];
        const double ur = xr[m + p] + xr[3 * m + p], ui = xi[m + p] + xi[3 * m + p];
        const double vr = xr[m + p] - xr[3 * m + p], vi = xi[m + p] - xi[3 * m + p];
        const double qr[3] = {tr + vi, sr - ur, tr - vi}, qi[3] = {ti - vr, si - ui, ti + vr};
        yr[4 * p] = sr + ur;
        yi[4 * p] = si + ui;
        for (size_t j = 0; j < 3; j++) {
            const double wr = w[2 * j * m + p], wi = w[(2 * j + 1) * m + p];
            yr[4 * p + j + 1] = qr[j] * wr - qi[j] * wi;
            yi[4 * p + j + 1] = qr[j] * wi + qi[j] * wr;
        }
    }
}

RK_TARGET static void RK_NAME(pass_2)(const double *xr, const double *xi, double *yr, double *yi,
                                      size_t m, size_t s, const double *w)
{
    for (size_t p = 0; p < m; p++, w += 2)
        for (size_t q = 0; q < s; q += RK_LANES) {
            const size_t a = q + s * p, b = a + s * m, y = q + s * 2 * p;
            const V ar = GET(xr + a), ai = GET(xi + a), br = GET(xr + b), bi = GET(xi + b);
            AT(yr + y) = ar + br;
            AT(yi + y) = ai + bi;
            TWIDDLED(ar - br, ai - bi, w, yr + y + s, yi + y + s);
        }
}

RK_TARGET static void RK_NAME(pass_3)(const double *xr, const double *xi, double *yr, double *yi,
                                      size_t m, size_t s, const double *w)
{
    const double half_root = 0.86602540378443864676;
    for (size_t p = 0; p < m; p++, w += 4)
        for (size_t q = 0; q < s; q += RK_LANES) {
            const size_t a = q + s * p, b = a + s * m, c = b + s * m, y = q + s * 3 * p;
            const V ar = GET(xr + a), ai = GET(xi + a);
            const V sr = GET(xr + b) + GET(xr + c), si = GET(xi + b) + GET(xi + c);
            const V dr = (GET(xr + b) - GET(xr + c)) * half_root;
            const V di = (GET(xi + b) - GET(xi + c)) * half_root;
            const V tr = ar - 0.5 * sr, ti = ai - 0.5 * si;
            AT(yr + y) = ar + sr;
            AT(yi + y) = ai + si;
            TWIDDLED(tr + di, ti - dr, w, yr + y + s, yi + y + s);
            TWIDDLED(tr - di, ti + dr, w + 2, yr + y + 2 * s, yi + y + 2 * s);
        }
}

RK_TARGET static void RK_NAME(pass_4)(const double *xr, const double *xi, double *yr, double *yi,
                                      size_t m, size_t s, const double *w)
{
    for (size_t p = 0; p < m; p++, w += 6)
        for (size_t q = 0; q < s; q += RK_LANES) {
            const size_t a = q + s * p, b = a + s * m, c = b + s * m, d = c + s * m;
            const size_t y = q + s * 4 * p;
            const V sr = GET(xr + a) + GET(xr + c), si = GET(xi + a) + GET(xi + c);
            const V tr = GET(xr + a) - GET(xr + c), ti = GET(xi + a) - GET(xi + c);
            const V ur = GET(xr + b) + GET(xr + d), ui = GET(xi + b) + GET(xi + d);
            const V vr = GET(xr + b) - GET(xr + d), vi = GET(xi + b) - GET(xi + d);
            AT(yr + y) = sr + ur;
            AT(yi + y) = si + ui;
            TWIDDLED(tr + vi, ti - vr, w, yr + y + s, yi + y + s);
            TWIDDLED(sr - ur, si - ui, w + 2, yr + y + 2 * s, yi + y + 2 * s);
            TWIDDLED(tr - vi, ti + vr, w + 4, yr + y + 3 * s, yi + y + 3 * s);
        }
}

RK_TARGET static void RK_NAME(pass_5)(const double *xr, const double *xi, double *yr, double *yi,
                                      size_t m, size_t s, const double *w)
{
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
    const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    for (size_t p = 0; p < m; p++, w += 8)
        for (size_t q = 0; q < s; q += RK_LANES) {
            const size_t a = q + s * p, b = a + s * m, c = b + s * m, d = c + s * m, e = d + s * m;
            const size_t y = q + s * 5 * p;
            const V ar = GET(xr + a), ai = GET(xi + a);
            const V sr = GET(xr + b) + GET(xr + e), si = GET(xi + b) + GET(xi + e);
            const V dr = GET(xr + b) - GET(xr + e), di = GET(xi + b) - GET(xi + e);
            const V tr = GET(xr + c) + GET(xr + d), ti = GET(xi + c) + GET(xi + d);
            const V fr = GET(xr + c) - GET(xr + d), fi = GET(xi + c) - GET(xi + d);
            const V gr = ar + c1 * sr + c2 * tr, gi = ai + c1 * si + c2 * ti;
            const V hr = ar + c2 * sr + c1 * tr, hi = ai + c2 * si + c1 * ti;
            const V kr = s1 * dr + s2 * fr, ki = s1 * di + s2 * fi;
            const V lr = s2 * dr - s1 * fr, li = s2 * di - s1 * fi;
            AT(yr + y) = ar + sr + tr;
            AT(yi + y) = ai + si + ti;
            TWIDDLED(gr + ki, gi - kr, w, yr + y + s, yi + y + s);
            TWIDDLED(hr + li, hi - lr, w + 2, yr + y + 2 * s, yi + y + 2 * s);
            TWIDDLED(hr - li, hi + lr, w + 4, yr + y + 3 * s, yi + y + 3 * s);
            TWIDDLED(gr - ki, gi + kr, w + 6, yr + y + 4 * s, yi + y + 4 * s);
        }
}

/* Transform (*xr, *xi) by all passes, back and forth between it and (*yr, *yi), where it ends. */
static void RK_NAME(transform)(const rk_fft *fft, double **xr, double **xi, double **yr,
                               double **yi)
{
    size_t n = (size_t)fft->half, s = 1;
    for (int i = 0; i < fft->pass_count; i++) {
        const size_t radix = (size_t)fft->passes[i].radix, m = n / radix;
        const double *w = fft->passes[i].twiddles;
        if (i == 0)
            RK_NAME(first)(*xr, *xi, *yr, *yi, m, w);
        else if (radix == 4)
            RK_NAME(pass_4)(*xr, *xi, *yr, *yi, m, s, w);
        else if (radix == 2)
            RK_NAME(pass_2)(*xr, *xi, *yr, *yi, m, s, w);
        else if (radix == 3)
            RK_NAME(pass_3)(*xr, *xi, *yr, *yi, m, s, w);
        else
            RK_NAME(pass_5)(*xr, *xi, *yr, *yi, m, s, w);
        double *swap = *xr;
        *xr = *yr, *yr = swap;
        swap = *xi, *xi = *yi, *yi = swap;
        n = m;
        s *= radix;
    }
    double *swap = *xr;
    *xr = *yr, *yr = swap;
    swap = *xi, *xi = *yi, *yi = swap;
}

/* The spectrum of a real frame at k and half - k, from the transform of its even and odd samples. */
RK_TARGET static void RK_NAME(untangle)(const rk_fft *fft, const rk_halves *h, size_t k, double *here, double *there)
{
    const size_t half = (size_t)fft->half, mirror = k == 0 ? 0 : half - k;
    const double *turn = fft->turns + 2 * k;
    const double er = 0.5 * (h->yr[k] + h->yr[mirror]), ei = 0.5 * (h->yi[k] - h->yi[mirror]);
    const double or = 0.5 * (h->yi[k] + h->yi[mirror]), oi = -0.5 * (h->yr[k] - h->yr[mirror]);
    const double tr = or * turn[0] - oi * turn[1], ti = or * turn[1] + oi * turn[0];
    here[0] = er + tr;
    here[1] = ei + ti;
    there[0] = er - tr;
    there[1] = ti - ei;
}

RK_TARGET static void RK_NAME(forward)(const rk_fft *fft, const double *x, double *spectrum, double *work)
{
    const size_t half = (size_t)fft->half;
    rk_halves h = halves_of(fft, work);
    for (size_t i = 0; i < half; i++) {
        h.xr[i] = x[2 * i];
        h.xi[i] = x[2 * i + 1];
    }
    RK_NAME(transform)(fft, &h.xr, &h.xi, &h.yr, &h.yi);
    for (size_t k = 0; k <= half / 2; k++)
        RK_NAME(untangle)(fft, &h, k, spectrum + 2 * k, spectrum + 2 * (half - k));
}

/* Transform back: h holds the real and imaginary parts of even plus i times odd samples. */
RK_TARGET static void RK_NAME(transform_back)(const rk_fft *fft, rk_halves *h)
{
    RK_NAME(transform)(fft, &h->xi, &h->xr, &h->yi, &h->yr);
}

/* What the inverse transform takes at k: even plus i times odd samples' spectra. */
RK_TARGET static void RK_NAME(tangle)(const rk_fft *fft, rk_halves *h, size_t k, const double *here,
                   const double *there)
{
    const double *turn = fft->turns + 2 * k;
    const double er = here[0] + there[0], ei = here[1] - there[1];
    const double dr = here[0] - there[0], di = here[1] + there[1];
    const double or = dr * turn[0] + di * turn[1], oi = di * turn[0] - dr * turn[1];
    h->xr[k] = er - oi;
    h->xi[k] = ei + or;
}

RK_TARGET static void RK_NAME(backward)(const rk_fft *fft, const double *spectrum, double *x, double *work)
{
    const size_t half = (size_t)fft->half;
    const double scale = 1.0 / fft->size;
    rk_halves h = halves_of(fft, work);
    for (size_t k = 0; k < half; k++)
        RK_NAME(tangle)(fft, &h, k, spectrum + 2 * k, spectrum + 2 * (half - k));
    /* The imaginary parts of the first and last cell say nothing about a real frame. */
    h.xr[0] = spectrum[0] + spectrum[2 * half];
    h.xi[0] = spectrum[0] - spectrum[2 * half];
    RK_NAME(transform_back)(fft, &h);
    for (size_t i = 0; i < half; i++) {
        x[2 * i] = scale * h.yr[i];
        x[2 * i + 1] = scale * h.yi[i];
    }
}

RK_TARGET static void RK_NAME(autocorrelate)(const rk_fft *fft, const double *x, size_t count, double *out,
                          size_t lags, double *work)
{
    const size_t half = (size_t)fft->half;
    const double scale = 1.0 / fft->size;
    rk_halves h = halves_of(fft, work);
    const size_t whole = count / 2;
    for (size_t i = 0; i < whole; i++) {
        h.xr[i] = x[2 * i];
        h.xi[i] = x[2 * i + 1];
    }
    memset(h.xr + whole, 0, (half - whole) * sizeof(double));
    memset(h.xi + whole, 0, (half - whole) * sizeof(double));
    if (count % 2)
        h.xr[whole] = x[count - 1];
    RK_NAME(transform)(fft, &h.xr, &h.xi, &h.yr, &h.yi);
    for (size_t k = 0; k <= half / 2; k++) {
        double here[2], there[2];
        RK_NAME(untangle)(fft, &h, k, here, there);
        const double a = here[0] * here[0] + here[1] * here[1];
        const double b = there[0] * there[0] + there[1] * there[1];
        const double *turn = fft->turns + 2 * k;
        const double sum = a + b, odd = (a - b) * turn[0], even = (a - b) * turn[1];
        h.xr[k] = sum + even; /* as in tangle, for a spectrum without imaginary parts */
        h.xi[k] = odd;
        if (k > 0) {
            h.xr[half - k] = sum - even; /* there the turn is mirrored, and the difference too */
            h.xi[half - k] = odd;
        }
    }
    RK_NAME(transform_back)(fft, &h);
    for (size_t l = 0; l < lags; l++)
        out[l] = scale * (l % 2 ? h.yi[l / 2] : h.yr[l / 2]);
}

static const rk_transforms RK_NAME(TRANSFORMS) = {
    RK_NAME(forward), RK_NAME(backward), RK_NAME(autocorrelate)};

#undef V
#undef AT
#undef GET
#undef TWIDDLED
#undef RK_LANES
#undef RK_NAME
#undef RK_TARGET

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

#undef V
#undef AT
#undef GET
#undef TWIDDLED
#undef RK_LANES
#undef RK_NAME
#undef RK_TARGET

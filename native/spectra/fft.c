#include "fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processors.h"

enum { MOST_PASSES = 24 };

typedef struct {
    int radix;
    const double *twiddles;
} rk_pass;

struct rk_fft {
    int size, half, pass_count;
    rk_pass passes[MOST_PASSES];
    const struct rk_transforms *transforms;
    double *turns; /* exp(-2 pi i k / size), pairs, for k to half */
    double tables[];
};

/* One way to compute transforms. */
typedef struct rk_transforms {
    void (*forward)(const rk_fft *, const double *x, double *spectrum, double *work);
    void (*backward)(const rk_fft *, const double *spectrum, double *x, double *work);
    void (*autocorrelate)(const rk_fft *, const double *x, size_t count, double *out, size_t lags,
                          double *work);
} rk_transforms;

typedef struct {
    double *xr, *xi, *yr, *yi;
} rk_halves;

static rk_halves halves_of(const rk_fft *fft, double *work)
{
    const size_t half = (size_t)fft->half;
    return (rk_halves){work, work + half, work + 2 * half, work + 3 * half};
}

#if RK_X86
#define RK_LANES 4
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "fft_template.h"
#endif

#if RK_VECTORS
#define RK_LANES 2
#else
#define RK_LANES 1
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "fft_template.h"

/* Split half a size into radices, of which the first is 4; how many, or 0 where it cannot be. */
static int split(int size, int *radices)
{
    static const int tried[] = {4, 2, 3, 5};
    if (size < 8 || size % 8 != 0)
        return 0;
    int rest = size / 8, count = 0;
    radices[count++] = 4;
    for (int i = 0; i < 4; i++)
        while (rest % tried[i] == 0 && count < MOST_PASSES) {
            radices[count++] = tried[i];
            rest /= tried[i];
        }
    return rest == 1 ? count : 0;
}

int rk_fft_size_from(int least)
{
    int radices[MOST_PASSES];
    int size = (least + 7) / 8 * 8;
    while (split(size, radices) == 0)
        size += 8;
    return size;
}

static void write_turn(double *pair, size_t number, size_t of)
{
    const double angle = 6.283185307179586476925 * (double)(number % of) / (double)of;
    pair[0] = cos(angle);
    pair[1] = -sin(angle);
}

/* Write the twiddles of a pass behind each other; the first pass has each part for itself. */
static void write_twiddles(double *to, int is_first, size_t n, size_t radix)
{
    const size_t m = n / radix;
    for (size_t p = 0; p < m; p++)
        for (size_t j = 1; j < radix; j++) {
            double pair[2];
            write_turn(pair, p * j, n);
            for (size_t part = 0; part < 2; part++)
                to[is_first ? (2 * (j - 1) + part) * m + p : 2 * (p * (radix - 1) + j - 1) + part] =
                    pair[part];
        }
}

rk_fft *rk_fft_new(int size)
{
    int radices[MOST_PASSES];
    const int count = split(size, radices);
    if (count == 0)
        return NULL;
    size_t need = (size_t)size + 2, n = (size_t)size / 2;
    for (int i = 0; i < count; i++, n /= (size_t)radices[i - 1])
        need += 2 * (n - n / (size_t)radices[i]);
    rk_fft *fft = malloc(sizeof *fft + need * sizeof(double));
    if (fft == NULL)
        return NULL;
    fft->size = size;
    fft->half = size / 2;
    fft->pass_count = count;
    fft->transforms = &TRANSFORMS_portable;
#if RK_X86
    if (rk_has_avx2())
        fft->transforms = &TRANSFORMS_avx2;
#endif
    fft->turns = fft->tables;
    for (size_t k = 0; k <= (size_t)size / 2; k++)
        write_turn(fft->turns + 2 * k, k, (size_t)size);
    double *next = fft->tables + size + 2;
    n = (size_t)size / 2;
    for (int i = 0; i < count; i++) {
        const size_t radix = (size_t)radices[i];
        fft->passes[i] = (rk_pass){radices[i], next};
        write_twiddles(next, i == 0, n, radix);
        next += 2 * (n - n / radix);
        n /= radix;
    }
    return fft;
}

void rk_fft_free(rk_fft *fft)
{
    free(fft);
}

int rk_fft_size(const rk_fft *fft)
{
    return fft->size;
}

size_t rk_fft_workspace(const rk_fft *fft)
{
    return 2 * (size_t)fft->size;
}

void rk_fft_forward(const rk_fft *fft, const double *x, double *spectrum, double *work)
{
    fft->transforms->forward(fft, x, spectrum, work);
}

void rk_fft_backward(const rk_fft *fft, const double *spectrum, double *x, double *work)
{
    fft->transforms->backward(fft, spectrum, x, work);
}

void rk_fft_autocorrelate(const rk_fft *fft, const double *x, size_t count, double *out,
                          size_t lags, double *work)
{
    fft->transforms->autocorrelate(fft, x, count, out, lags, work);
}

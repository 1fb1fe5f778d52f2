#include "restorack_declip.h"

#include <math.h>
#include <string.h>

#include "processors.h"

/* Mean power that is divided by, at least. */
#define FAINTEST 1e-30

typedef struct {
    void (*window)(const double *x, const double *window, size_t size, double *frame);
    void (*add_window)(const double *frame, const double *window, size_t size, double *out);
    void (*power)(double *dual, const double *spectrum, size_t bins, double *power);
    void (*add)(const double *row, size_t bins, double *sum);
    void (*means)(const double *padded, size_t beside, size_t bins, double scale, double *mean);
    void (*shrink)(const double *mean, const double *weights, double threshold, double relaxation,
                   size_t bins, const double *spectrum, double *dual, double *shrunk);
} rk_declip_loops;

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "declip_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "declip_template.h"

static const rk_declip_loops *best_loops(void)
{
#if RK_X86
    if (rk_has_avx2())
        return &LOOPS_avx2;
#endif
    return &LOOPS_portable;
}

/* What a call works with: rows of every frame, and of one. */
typedef struct {
    const rk_declip_plan *plan;
    const rk_declip_loops *loops;
    size_t size, bins, frames;
    double *spectra, *duals; /* frames x bins, pairs */
    double *powers;          /* frames x bins */
    double *padded, *mean;   /* a row, with bins_beside more on either side; a row */
    double *frame, *out;     /* size; samples */
    double *active;          /* frames: not 0 where a sample of it is restored */
    double *transforms;
} rk_declipping;

static size_t samples_of(size_t frames, size_t hop, size_t size)
{
    return (frames - 1) * hop + size;
}

size_t rk_declip_workspace(const rk_declip_plan *plan, size_t frames)
{
    const size_t size = (size_t)rk_fft_size(plan->fft), bins = size / 2 + 1;
    return frames * (5 * bins + 1) + 2 * bins + 2 * plan->bins_beside + size
           + samples_of(frames, plan->hop, size) + rk_fft_workspace(plan->fft);
}

static rk_declipping laid_out(const rk_declip_plan *plan, size_t frames, double *work)
{
    const size_t size = (size_t)rk_fft_size(plan->fft), bins = size / 2 + 1;
    rk_declipping at = {plan, best_loops(), size, bins, frames, NULL, NULL, NULL, NULL,
                        NULL, NULL,         NULL, NULL, NULL};
    at.spectra = work;
    at.duals = at.spectra + 2 * frames * bins;
    at.powers = at.duals + 2 * frames * bins;
    at.padded = at.powers + frames * bins;
    at.mean = at.padded + bins + 2 * plan->bins_beside;
    at.frame = at.mean + bins;
    at.out = at.frame + size;
    at.active = at.out + samples_of(frames, plan->hop, size);
    at.transforms = at.active + frames;
    return at;
}

static void transform(const rk_declipping *at, const double *x, size_t t)
{
    at->loops->window(x + t * at->plan->hop, at->plan->window, at->size, at->frame);
    rk_fft_forward(at->plan->fft, at->frame, at->spectra + 2 * t * at->bins, at->transforms);
}

/* The first spectra, with duals of 0, and which frames are to change; returns the largest magnitude
   of these. */
static double begin(const rk_declipping *at, const double *x, const float *sides)
{
    double largest = 0.0;
    for (size_t t = 0; t < at->frames; t++) {
        const size_t hop = at->plan->hop;
        double *power = at->powers + t * at->bins, *dual = at->duals + 2 * t * at->bins;
        at->active[t] = 0.0;
        for (size_t i = 0; i < at->size && at->active[t] == 0.0; i++)
            at->active[t] = sides[t * hop + i] != 0.0f;
        transform(at, x, t);
        for (size_t i = 0; i < 2 * at->bins; i++)
            dual[i] = -at->spectra[2 * t * at->bins + i];
        at->loops->power(dual, at->spectra + 2 * t * at->bins, at->bins, power);
        for (size_t k = 0; k < at->bins && at->active[t] != 0.0; k++)
            largest = power[k] > largest ? power[k] : largest;
    }
    return sqrt(largest);
}

/* The mean power around every bin of frame t; bins at the ends are repeated. */
static void mean_power(const rk_declipping *at, size_t t)
{
    const size_t beside = at->plan->frames_beside, wide = at->plan->bins_beside, bins = at->bins;
    double *inside = at->padded + wide;
    const size_t first = t > beside ? t - beside : 0;
    const size_t last = t + beside < at->frames ? t + beside : at->frames - 1;
    memcpy(inside, at->powers + first * bins, bins * sizeof *inside);
    for (size_t s = first + 1; s <= last; s++)
        at->loops->add(at->powers + s * bins, bins, inside);
    for (size_t k = 0; k < wide; k++) {
        at->padded[k] = inside[0];
        inside[bins + k] = inside[bins - 1];
    }
    const double count = (double)((last - first + 1) * (2 * wide + 1));
    at->loops->means(at->padded, wide, bins, 1.0 / count, at->mean);
}

/* From the spectra and their duals to a signal; its samples that are to be restored go into x. */
static void step(const rk_declipping *at, double threshold, const double *bound, const float *sides,
                 double *x)
{
    const size_t samples = samples_of(at->frames, at->plan->hop, at->size), bins = at->bins;
    memset(at->out, 0, samples * sizeof *at->out);
    for (size_t t = 0; t < at->frames; t++) {
        if (at->active[t] == 0.0)
            continue;
        double *spectrum = at->spectra + 2 * t * bins;
        mean_power(at, t);
        at->loops->shrink(at->mean, at->plan->weights, threshold, at->plan->relaxation, bins,
                          spectrum, at->duals + 2 * t * bins, spectrum);
        rk_fft_backward(at->plan->fft, spectrum, at->frame, at->transforms);
        at->loops->add_window(at->frame, at->plan->window, at->size, at->out + t * at->plan->hop);
    }
    for (size_t i = 0; i < samples; i++)
        if (sides[i] > 0.0f)
            x[i] = at->out[i] > bound[i] ? at->out[i] : bound[i];
        else if (sides[i] < 0.0f)
            x[i] = at->out[i] < bound[i] ? at->out[i] : bound[i];
}

void rk_declip(const rk_declip_plan *plan, double *x, const double *bound, const float *sides,
               size_t frames, double *work)
{
    const rk_declipping at = laid_out(plan, frames, work);
    const double largest = begin(&at, x, sides);
    const double fall = plan->steps > 1 ? log(plan->last / plan->first) / (double)(plan->steps - 1)
                                        : 0.0;
    for (size_t i = 0; i < plan->steps; i++) {
        step(&at, largest * plan->first * exp(fall * (double)i), bound, sides, x);
        for (size_t t = 0; t < frames && i + 1 < plan->steps; t++)
            if (at.active[t] != 0.0) {
                transform(&at, x, t);
                at.loops->power(at.duals + 2 * t * at.bins, at.spectra + 2 * t * at.bins, at.bins,
                                at.powers + t * at.bins);
            }
    }
}

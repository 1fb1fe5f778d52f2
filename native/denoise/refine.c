#include "restorack_refine.h"

#include <math.h>
#include <string.h>

#include "processors.h"

/* Added to powers that are divided by; and the most that one risk counts over the other. */
#define FAINTEST 1e-20
#define LARGEST 1e3

enum {
    INSIDE = 13,    /* short frames that lie inside a long one */
    REGION = 8,     /* bins on either side of one, in a region; it is 3 frames long. On held-out
                       scenes, as the rest */
    HELD = 5        /* rows of risks that are held: the last of a group, and the next group's */
};

typedef struct {
    void (*mean_power)(const double *spectra, size_t channels, size_t apart, size_t bins,
                       double scale, double *power);
    void (*short_risk)(const double *power, const double *noise, size_t bins, double *risk);
    void (*wiener)(const double *guess, const double *removed, const double *noise, size_t bins,
                   double *gain, double *risk);
    void (*long_change)(const rk_refined *group, const double *guess, const double *removed,
                        const double *gain, size_t bins, double *change);
    void (*shares)(const double *shorts, const double *longs, size_t bins, double *share);
    void (*region_means)(const double *padded, size_t bins, double *means);
    void (*exchange)(const double *share, size_t bins, double *waiting, double *change);
} rk_refine_loops;

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "refine_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "refine_template.h"

static const rk_refine_loops *best_loops(void)
{
#if RK_X86
    if (rk_has_avx2())
        return &LOOPS_avx2;
#endif
    return &LOOPS_portable;
}

static size_t long_bins(size_t bins)
{
    return RK_LONGER * (bins - 1) + 1;
}

size_t rk_refine_workspace(size_t bins)
{
    return (RK_RECENT_FRAMES + RK_SHORT_FRAMES + RK_LONG_FRAMES * 2 + 3) * bins + 2 * REGION
           + 4 * long_bins(bins);
}

/* Means of the short frames' risks over the 13 inside each long frame, by a Hann window. */
static void rise(const double *risks, size_t bins, double *mean)
{
    double weights[INSIDE], total = 0.0;
    for (int i = 0; i < INSIDE; i++) {
        weights[i] = 0.5 - 0.5 * cos(2.0 * 3.14159265358979323846 * (i + 1) / (INSIDE + 1));
        total += weights[i];
    }
    memset(mean, 0, bins * sizeof *mean);
    for (size_t i = 0; i < INSIDE; i++)
        for (size_t k = 0; k < bins; k++)
            mean[k] += weights[i] / total * risks[i * bins + k];
}

static void short_risks(const rk_refine_loops *loops, const rk_refined *group,
                        const rk_refining *state, double *risks, double *work)
{
    const size_t bins = group->bins, before = RK_RECENT_FRAMES * bins;
    const double scale = 1.0 / ((double)group->channels * (double)(bins - 1));
    double *joined = work, *power = work + before + RK_SHORT_FRAMES * bins;
    memcpy(joined, state->recent, before * sizeof *joined);
    for (size_t t = 0; t < RK_SHORT_FRAMES; t++) {
        loops->mean_power(group->shorts + 2 * t * bins, group->channels,
                          2 * RK_SHORT_FRAMES * bins, bins, scale, power);
        loops->short_risk(power, group->noise, bins, joined + before + t * bins);
    }
    for (size_t t = 0; t < RK_LONG_FRAMES; t++)
        rise(joined + RK_LONGER * t * bins, bins, risks + 2 * t * bins);
    memcpy(state->recent, joined + RK_SHORT_FRAMES * bins, before * sizeof *joined);
}

/* Means of four bins around those of short frames; zeros lie beyond the ends. */
static void gather(const double *risk, size_t bins, double *mean)
{
    const size_t all = long_bins(bins), half = RK_LONGER / 2;
    for (size_t k = 0; k < bins; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < RK_LONGER; i++) {
            const size_t at = RK_LONGER * k + i;
            sum += at >= half && at - half < all ? risk[at - half] : 0.0;
        }
        mean[k] = sum / RK_LONGER;
    }
}

static int any(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != 0.0)
            return 1;
    return 0;
}

static void long_frames(const rk_refine_loops *loops, const rk_refined *group,
                        double *risks, double *changes, double *work)
{
    const size_t bins = group->bins, all = long_bins(bins), frame = 2 * all;
    const size_t apart = RK_LONG_FRAMES * frame, channels = group->channels;
    const double scale = 1.0 / ((double)channels * (double)(all - 1));
    const double most = group->strength > group->smallest ? group->strength : group->smallest;
    double *guess = work, *removed = work + all, *gain = work + 2 * all, *risk = work + 3 * all;
    for (size_t t = 0; t < RK_LONG_FRAMES; t++) {
        const double *first = group->longs + t * frame, *second = first + channels * apart;
        loops->mean_power(first, channels, apart, all, scale, guess);
        loops->mean_power(second, channels, apart, all, scale / (most * most), removed);
        loops->wiener(guess, removed, group->noise, all, gain, risk);
        gather(risk, bins, risks + (2 * t + 1) * bins);
        int touched = 0;
        for (size_t channel = 0; channel < channels && !touched; channel++)
            touched = any(second + channel * apart, frame);
        for (size_t channel = 0; channel < channels; channel++) {
            double *change = changes + channel * apart + t * frame;
            if (touched)
                loops->long_change(group, first + channel * apart, second + channel * apart, gain,
                                   all, change);
            else
                memset(change, 0, frame * sizeof *change);
        }
    }
}

/* Means over 17 bins of the sums of three rows; the bins at the ends are repeated. */
static void regions(const rk_refine_loops *loops, const double *row, size_t step, size_t bins,
                    double *padded, double *means)
{
    double *inside = padded + REGION;
    for (size_t k = 0; k < bins; k++)
        inside[k] = row[k] + row[step + k] + row[2 * step + k];
    for (size_t k = 0; k < REGION; k++) {
        padded[k] = inside[0];
        inside[bins + k] = inside[bins - 1];
    }
    loops->region_means(padded, bins, means);
}

/* Put this group's change behind that of the one before, whose risks and the next frame's are known
   now. */
static void finish(const rk_refine_loops *loops, const rk_refined *group, const rk_refining *state,
                   const double *risks, double *change, double *work)
{
    const size_t bins = group->bins, all = long_bins(bins), row = 2 * bins;
    double *window = work, *shorts = work + 6 * row, *longs = shorts + bins;
    double *share = longs + bins, *rows = share + bins;
    memcpy(window, state->risks, HELD * row * sizeof *window);
    memcpy(window + HELD * row, risks, row * sizeof *window);
    for (size_t t = 0; t < RK_LONG_FRAMES; t++) {
        regions(loops, window + t * row, row, bins, rows, shorts);
        regions(loops, window + t * row + bins, row, bins, rows, longs);
        loops->shares(shorts, longs, bins, share);
        for (size_t channel = 0; channel < group->channels; channel++) {
            const size_t at = 2 * (channel * RK_LONG_FRAMES + t) * all;
            loops->exchange(share, all, state->waiting + at, change + at);
        }
    }
}

void rk_refine(const rk_refined *group, const rk_refining *state, double *change, double *work)
{
    const rk_refine_loops *loops = best_loops();
    const size_t row = 2 * group->bins;
    double *risks = work, *rest = work + RK_LONG_FRAMES * row;
    short_risks(loops, group, state, risks, rest);
    long_frames(loops, group, risks, change, rest);
    finish(loops, group, state, risks, change, rest);
    memmove(state->risks, state->risks + RK_LONG_FRAMES * row, row * sizeof *risks);
    memcpy(state->risks + row, risks, RK_LONG_FRAMES * row * sizeof *risks);
}

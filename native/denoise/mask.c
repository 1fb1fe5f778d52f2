#include "restorack_mask.h"

#include <math.h>
#include <string.h>

#include "processors.h"
#include "single_math.h"

#define PER_LOG10 0.43429448190325182765f
#define LOG10_PER_DB 0.23025850929940456840f

typedef struct {
    void (*decades)(const float *x, size_t count, float added, float least, float most,
                    float *out);
    void (*logits)(const float *gain, size_t count, float smallest, float *out);
    void (*patch_sums)(const float *x, size_t count, int first, float *sums, float *decades,
                       float *roots);
    void (*corrected)(const float *ratio, const float *said, size_t count, float largest,
                      float *out);
    void (*masked)(const float *ratio, const float *gain, const float *correction,
                   const float *said, size_t count, const rk_mask_rule *rule, float *out);
} rk_mask_loops;

#if RK_X86
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "mask_template.h"
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "mask_template.h"

static const rk_mask_loops *best_loops(void)
{
#if RK_X86
    if (rk_has_avx2())
        return &LOOPS_avx2;
#endif
    return &LOOPS_portable;
}

static float mean_of(const float *values, size_t count)
{
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (float)count;
}

void rk_patch_statistics(const float *ratio, size_t frames, size_t bins, size_t bands, float *facts,
                         float *work)
{
    const rk_mask_loops *loops = best_loops();
    const size_t count = bands * RK_PATCH_BINS;
    float *sums = work, *decades = work + count, *roots = work + 2 * count;
    for (size_t step = 0; step < frames / RK_PATCH_FRAMES; step++) {
        for (size_t t = 0; t < RK_PATCH_FRAMES; t++)
            loops->patch_sums(ratio + (step * RK_PATCH_FRAMES + t) * bins + 1, count, t == 0, sums,
                              decades, roots);
        for (size_t band = 0; band < bands; band++) {
            const size_t at = band * RK_PATCH_BINS;
            const float geometric = mean_of(decades + at, RK_PATCH_BINS) / RK_PATCH_FRAMES;
            const float mean = mean_of(sums + at, RK_PATCH_BINS) / RK_PATCH_FRAMES;
            const float root = mean_of(roots + at, RK_PATCH_BINS) / RK_PATCH_FRAMES;
            float *to = facts + (step * bands + band) * RK_PATCH_FACTS;
            to[0] = 3.0f * geometric;
            to[1] = 5.0f * (log10f(mean) - geometric) - 1.5f;
            to[2] = 5.0f * (-2.0f * log10f(root) - geometric) + 1.1f;
        }
    }
}

/* Between which of so many middles a place lies, `times` of which each has, and how far. */
static size_t between(size_t place, size_t times, size_t count, size_t *upper, float *part)
{
    const float at = ((float)place + 0.5f) / (float)times - 0.5f;
    const float inside = at > 0.0f ? at : 0.0f;
    const size_t lower = (size_t)inside;
    *upper = lower + 1 < count ? lower + 1 : count - 1;
    *part = inside - (float)lower;
    return lower;
}

/* The bins of a band, on the lines to the middles of its neighbours. */
static void across(float below, float own, float above, float *out)
{
    for (int i = 0; i < RK_PATCH_BINS / 2; i++) {
        const float up = ((float)i + 0.5f) / RK_PATCH_BINS, down = up + 0.5f;
        out[i] = below * (1.0f - down) + own * down;
        out[i + RK_PATCH_BINS / 2] = own * (1.0f - up) + above * up;
    }
}

void rk_spread_patches(const float *patches, size_t steps, size_t bands, size_t bins,
                       size_t skipped, float *out, float *work)
{
    const size_t end = RK_PATCH_FRAMES * steps - skipped, wide = bands * RK_PATCH_BINS;
    for (size_t t = skipped; t < end; t++, out += bins) {
        size_t after;
        float late;
        const size_t before = between(t, RK_PATCH_FRAMES, steps, &after, &late);
        for (size_t band = 0; band < bands; band++)
            work[band] = patches[before * bands + band] * (1.0f - late)
                         + patches[after * bands + band] * late;
        for (size_t band = 0; band < bands; band++)
            across(work[band > 0 ? band - 1 : 0], work[band],
                   work[band + 1 < bands ? band + 1 : band], out + 1 + band * RK_PATCH_BINS);
        out[0] = out[1];
        for (size_t k = 1 + wide; k < bins; k++)
            out[k] = out[wide];
    }
}

void rk_corrected_ratio(const float *ratio, const float *said, size_t frames, size_t bins,
                        float largest, float *out)
{
    const rk_mask_loops *loops = best_loops();
    for (size_t t = 0; t < frames; t++) {
        loops->corrected(ratio + t * bins, said + t * bins, bins, largest, out + 2 * t * bins);
        memcpy(out + (2 * t + 1) * bins, said + t * bins, bins * sizeof *out);
    }
}

/* Repeat the last of `seen` values up to `full`. */
static void fill_up(float *row, size_t seen, size_t full)
{
    for (size_t k = seen; k < full; k++)
        row[k] = row[seen - 1];
}

/* The mean over a group of the means of nine neighbours of a row, around which zeros lie. */
static float mean_around(const float *row, size_t first, size_t seen)
{
    float total = 0.0f;
    for (size_t i = 0; i < RK_FOLD; i++) {
        const size_t k = first + i < seen ? first + i : seen - 1;
        for (ptrdiff_t j = -4; j <= 4; j++)
            total += row[(ptrdiff_t)k + j];
    }
    return total / (9.0f * RK_FOLD);
}

static float mean_folded(const float *row, size_t first, size_t seen)
{
    float total = 0.0f;
    for (size_t i = 0; i < RK_FOLD; i++)
        total += row[first + i < seen ? first + i : seen - 1];
    return total / RK_FOLD;
}

void rk_gain_features(const float *planes, size_t frames, size_t bins, size_t seen,
                      const float *known, float smallest, float *features, float *work)
{
    const rk_mask_loops *loops = best_loops();
    const size_t groups = (seen + RK_FOLD - 1) / RK_FOLD, full = groups * RK_FOLD;
    float *level = work + 8, *logit = level + full + 8, *median = logit + full;
    for (size_t t = 0; t < frames; t++) {
        const float *ratio = planes + RK_PLANES * t * bins, *correction = ratio + 3 * bins;
        double total = 0.0;
        memset(work, 0, (full + 16) * sizeof *work);
        loops->decades(ratio, seen, 0.0f, 1e-2f, 1e6f, level);
        for (size_t k = 0; k < seen; k++)
            total += level[k];
        loops->logits(ratio + bins, seen, smallest, logit);
        loops->decades(ratio + 2 * bins, seen, 0.1f, 0.1f, 3e38f, median);
        fill_up(logit, seen, full);
        fill_up(median, seen, full);
        for (size_t group = 0; group < groups; group++) {
            float *to = features + (t * groups + group) * RK_GROUP_FACTS;
            const size_t first = group * RK_FOLD;
            for (size_t i = 0; i < RK_FOLD; i++) {
                to[i] = 0.5f * level[first + i < seen ? first + i : seen - 1];
                to[RK_FOLD + i] = 0.25f * logit[first + i];
                to[2 * RK_FOLD + i] = 0.5f * median[first + i];
            }
            to[3 * RK_FOLD] = 0.1f * mean_folded(correction, first, seen);
            memcpy(to + 3 * RK_FOLD + 1, known + 4 * group, 4 * sizeof *to);
            to[3 * RK_FOLD + 5] = (float)(total / (double)seen);
            to[3 * RK_FOLD + 6] = 0.5f * mean_around(level, first, seen);
        }
    }
}

void rk_masked_gains(const float *planes, const float *said, size_t frames, size_t bins,
                     size_t seen, const rk_mask_rule *rule, float *out)
{
    const rk_mask_loops *loops = best_loops();
    for (size_t t = 0; t < frames; t++) {
        const float *ratio = planes + RK_PLANES * t * bins, *gain = ratio + bins;
        float *to = out + 2 * t * bins;
        memcpy(to, ratio, 2 * bins * sizeof *to);
        loops->masked(ratio, gain, ratio + 3 * bins, said + t * bins, seen, rule, to + bins);
    }
}

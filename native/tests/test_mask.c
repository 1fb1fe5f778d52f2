/* What the denoising networks see by itself, for the sanitizers: odd sizes, extremes, and exactly the
   memory that is asked for. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "restorack_mask.h"
#include "single_math.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static unsigned long long state = 1;

static float *noise(size_t count, float scale)
{
    float *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        values[i] = scale * (float)((unsigned)(state >> 33) % 1001) / 1000.0f;
    }
    return values;
}

static void check_finite(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(isfinite(values[i]));
    free(values);
}

static void test_single_math(void)
{
    for (double x = 1.2e-38; x < 3.3e38; x *= 1.037) {
        const float own = (float)x;
        CHECK(fabs((double)rk_log_single(own) - log((double)own)) < 3e-7 * (1.0 + fabs(log(x))));
    }
    for (double x = -87.0; x < 88.0; x += 0.0173) {
        const float own = (float)x;
        CHECK(fabs((double)rk_exp_single(own) / exp((double)own) - 1.0) < 3e-7);
    }
    CHECK(rk_exp_single(-1e30f) < 1e-37f && isfinite(rk_exp_single(1e30f)));
}

static void test_patches(size_t steps, size_t bins, float scale)
{
    const size_t bands = (bins - 1) / RK_PATCH_BINS, frames = steps * RK_PATCH_FRAMES;
    float *ratio = noise(frames * bins, scale), *facts = noise(steps * bands * RK_PATCH_FACTS, 1);
    float *work = noise(24 * bands, 1), *out = noise((frames - 2) * bins, 1);
    rk_patch_statistics(ratio, frames, bins, bands, facts, work);
    if (bands > 0)
        rk_spread_patches(facts, steps, bands, bins, 1, out, work);
    check_finite(facts, steps * bands * RK_PATCH_FACTS);
    check_finite(out, (frames - 2) * bins);
    free(ratio), free(work);
}

static void test_gains(size_t frames, size_t bins, size_t seen, float scale)
{
    const size_t groups = (seen + RK_FOLD - 1) / RK_FOLD, count = frames * bins;
    float *planes = noise(RK_PLANES * count, scale), *said = noise(count, scale);
    float *known = noise(4 * groups, 1), *features = noise(frames * groups * RK_GROUP_FACTS, 1);
    float *work = noise(3 * (RK_FOLD * groups + 16), 1), *share = noise(seen, 1);
    float *out = noise(2 * count, 1), *corrected = noise(2 * count, 1);
    const rk_mask_rule rule = {share, 16.0f, 8.0f, 1e-3f};
    rk_gain_features(planes, frames, bins, seen, known, 1e-3f, features, work);
    rk_masked_gains(planes, said, frames, bins, seen, &rule, out);
    rk_corrected_ratio(said, said, frames, bins, 1e9f, corrected);
    for (size_t k = 0; k < seen; k++)
        CHECK(out[bins + k] >= 0.0f && out[bins + k] <= 1.0f);
    check_finite(features, frames * groups * RK_GROUP_FACTS);
    check_finite(out, 2 * count);
    check_finite(corrected, 2 * count);
    free(planes), free(said), free(known), free(work), free(share);
}

int main(void)
{
    const float scales[] = {0.0f, 1e-20f, 1.0f, 60.0f, 1e9f};
    test_single_math();
    for (size_t bins = 1; bins < 40; bins += 3)
        for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
            test_patches(1 + bins % 4, bins, scales[i]);
            for (size_t seen = 1; seen <= bins; seen += 5)
                test_gains(1 + bins % 3, bins, seen, scales[i]);
        }
    printf("what the masks see, %d failures\n", failures);
    return failures != 0;
}

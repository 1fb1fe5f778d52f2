/* What restorack's denoising networks see of spectra, and what is made of what they say. Planes are of
   float, bins innermost; the networks see the first `seen` of `bins`. Nothing allocates. Values are
   not checked: they are to be finite. */

#ifndef RESTORACK_MASK_H
#define RESTORACK_MASK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RK_PATCH_FRAMES = 4,
    RK_PATCH_BINS = 8,
    RK_PATCH_FACTS = 8, /* of a patch, of which rk_patch_statistics makes the first three */
    RK_FOLD = 4,        /* bins of a group */
    RK_GROUP_FACTS = 19,
    RK_PLANES = 4       /* that the second network sees: ratio, gain, median ratio, correction in dB */
};

/* Of patches of 4 frames by 8 bins from the second one on: the geometric mean in decades, and how far
   the arithmetic mean and that of order -1/2 lie from it. facts: frames / 4 x bands x 8; work:
   24 * bands */
void rk_patch_statistics(const float *ratio, size_t frames, size_t bins, size_t bands, float *facts,
                         float *work);

/* Values of patches at every frame and bin, by straight lines between their middles, but for the first
   and last `skipped` frames. out: 4 * steps - 2 * skipped x bins; work: bands */
void rk_spread_patches(const float *patches, size_t steps, size_t bands, size_t bins,
                       size_t skipped, float *out, float *work);

/* Ratios to a floor that `said` raises, in dB, and what it said: frames x 2 x bins. A ratio of `largest`
   stands for no noise and stays. */
void rk_corrected_ratio(const float *ratio, const float *said, size_t frames, size_t bins,
                        float largest, float *out);

/* What the second network sees of planes, frames x 4 x bins: frames x groups x 19. known: groups x 4,
   what is known of the floor. Gains are taken as `smallest` from 0 and 1 at least.
   work: 3 * (4 * groups + 16) */
void rk_gain_features(const float *planes, size_t frames, size_t bins, size_t seen,
                      const float *known, float smallest, float *features, float *work);

/* How far the second network is followed: a share for each bin, none where a cell is `music_db` over
   the uncorrected floor, all from `noise_db` down. */
typedef struct {
    const float *share;
    float music_db, noise_db, smallest;
} rk_mask_rule;

/* Ratios, and gains whose logits are corrected by what was said, frames x bins: frames x 2 x bins. */
void rk_masked_gains(const float *planes, const float *said, size_t frames, size_t bins,
                     size_t seen, const rk_mask_rule *rule, float *out);

#ifdef __cplusplus
}
#endif
#endif

/* Included by mask.c for each kind of processor: loops over bins, which the compiler makes vectors
   of. */

/* Common logarithms of values between two limits, after something is added. */
RK_TARGET static void RK_NAME(decades)(const float *restrict x, size_t count, float added,
                                       float least, float most, float *restrict out)
{
    for (size_t k = 0; k < count; k++) {
        float value = x[k] + added;
        value = value > least ? value : least;
        value = value < most ? value : most;
        out[k] = rk_log_single(value) * PER_LOG10;
    }
}

RK_TARGET static void RK_NAME(logits)(const float *restrict gain, size_t count, float smallest,
                                      float *restrict out)
{
    for (size_t k = 0; k < count; k++) {
        float value = gain[k] > smallest ? gain[k] : smallest;
        value = value < 1.0f - smallest ? value : 1.0f - smallest;
        out[k] = rk_log_single(value / (1.0f - value));
    }
}

/* Sums over a patch's frames of powers between their limits, of their decades, and of inverse roots. */
RK_TARGET static void RK_NAME(patch_sums)(const float *restrict x, size_t count, int first,
                                          float *restrict sums, float *restrict decades,
                                          float *restrict roots)
{
    for (size_t k = 0; k < count; k++) {
        float value = x[k] > 1e-3f ? x[k] : 1e-3f;
        value = value < 1e6f ? value : 1e6f;
        const float log = rk_log_single(value), decade = log * PER_LOG10;
        const float root = rk_exp_single(-0.5f * log);
        sums[k] = first ? value : sums[k] + value;
        decades[k] = first ? decade : decades[k] + decade;
        roots[k] = first ? root : roots[k] + root;
    }
}

RK_TARGET static void RK_NAME(corrected)(const float *restrict ratio, const float *restrict said,
                                         size_t count, float largest, float *restrict out)
{
    for (size_t k = 0; k < count; k++) {
        const float own = ratio[k] * rk_exp_single(-LOG10_PER_DB * said[k]);
        const float limited = own < largest ? own : largest;
        out[k] = ratio[k] < largest ? limited : largest;
    }
}

RK_TARGET static void RK_NAME(masked)(const float *restrict ratio, const float *restrict gain,
                                      const float *restrict correction,
                                      const float *restrict said, size_t count,
                                      const rk_mask_rule *rule, float *restrict out)
{
    const float music = rule->music_db, per = 1.0f / (rule->music_db - rule->noise_db);
    const float *restrict share = rule->share;
    RK_NAME(logits)(gain, count, rule->smallest, out);
    for (size_t k = 0; k < count; k++) {
        float before = ratio[k] * rk_exp_single(LOG10_PER_DB * correction[k]);
        before = before > 1e-3f ? before : 1e-3f;
        float quiet = (music - 10.0f * PER_LOG10 * rk_log_single(before)) * per;
        quiet = quiet > 0.0f ? quiet : 0.0f;
        quiet = quiet < 1.0f ? quiet : 1.0f;
        out[k] = 1.0f / (1.0f + rk_exp_single(-(out[k] + share[k] * quiet * said[k])));
    }
}

static const rk_mask_loops RK_NAME(LOOPS) = {RK_NAME(decades), RK_NAME(logits), RK_NAME(patch_sums),
                                             RK_NAME(corrected), RK_NAME(masked)};

#undef RK_NAME
#undef RK_TARGET

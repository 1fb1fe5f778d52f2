#include "declick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processors.h"

#if RK_X86
#define RK_KIND "avx2"
#define RK_LANES 4
#define RK_NAME(name) name##_avx2
#define RK_TARGET RK_AVX2_TARGET
#include "declick_template.h"
#endif

#define RK_KIND "portable"
#if RK_VECTORS
#define RK_LANES 2
#else
#define RK_LANES 1
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#include "declick_template.h"

/* Up to here an autocorrelation is summed directly, beyond it is made by transforms. */
enum { DIRECT_ORDER = 64 };

static const double PI = 3.14159265358979323846;

const rk_declick_loops *rk_declick_loops_at(int place)
{
    const rk_declick_loops *there[3] = {0};
    int count = 0;
#if RK_X86
    if (rk_has_avx2())
        there[count++] = &LOOPS_avx2;
#endif
    there[count++] = &LOOPS_portable;
    return place >= 0 && place < count ? there[place] : NULL;
}

int rk_estimator_set(rk_estimator *estimator, int order, int count)
{
    if (order < 1 || order > RK_MOST_ORDER || count <= order || count > RK_MOST_SAMPLES)
        return RK_BAD_SHAPE;
    *estimator = (rk_estimator){.order = order, .count = count};
    estimator->window = malloc((size_t)count * sizeof(double));
    if (order > DIRECT_ORDER)
        estimator->fft = rk_fft_new(rk_fft_size_from(count + order + 1));
    if (estimator->window == NULL || (order > DIRECT_ORDER && estimator->fft == NULL)) {
        rk_estimator_clear(estimator);
        return RK_NO_MEMORY;
    }
    for (int i = 0; i < count; i++) {
        const double sine = sin(PI * (i + 0.5) / count);
        estimator->window[i] = sine * sine;
    }
    return 0;
}

void rk_estimator_clear(rk_estimator *estimator)
{
    free(estimator->window);
    rk_fft_free(estimator->fft);
    *estimator = (rk_estimator){0};
}

size_t rk_estimator_workspace(const rk_estimator *estimator)
{
    const size_t order = (size_t)estimator->order;
    const size_t solving = 2 * order + 8;
    const size_t transform = estimator->fft == NULL ? 0 : rk_fft_workspace(estimator->fft);
    return (size_t)estimator->count + 2 * order + 16 + (transform > solving ? transform : solving);
}

/* A copy of doubles, or NULL. */
static double *copied(const double *values, size_t count)
{
    double *copy = malloc((count ? count : 1) * sizeof(double));
    if (copy != NULL && count > 0)
        memcpy(copy, values, count * sizeof(double));
    return copy;
}

static int in_range(const int *values, int count, int least)
{
    for (int i = 0; i < count; i++)
        if (values[i] < least || values[i] > RK_MOST_SAMPLES)
            return 0;
    return 1;
}

/* ---- candidates for clicks ------------------------------------------------------------------ */

int rk_detector_new(const rk_detector_plan *plan, rk_detector **made)
{
    const int lengths[] = {plan->factor, plan->order, plan->segment, plan->limit, plan->longest,
                           plan->side, plan->far_side, plan->block, plan->back, plan->ahead,
                           plan->hole, plan->tap_count};
    *made = NULL;
    if (!in_range(lengths, 12, 1) || plan->segment % RK_STRIDE || plan->tap_count % 2 == 0
        || plan->limit > plan->longest || plan->longest > plan->hole
        || plan->segment < plan->block || plan->order > RK_MOST_ORDER || plan->longest > 8192
        || plan->hole > 8192)
        return RK_BAD_SHAPE;
    rk_detector *d = malloc(sizeof *d);
    if (d == NULL)
        return RK_NO_MEMORY;
    *d = (rk_detector){
        plan->factor, plan->order, plan->segment, plan->limit, plan->longest, plan->side,
        plan->far_side, plan->block, plan->back, plan->ahead, plan->hole, plan->rate,
        plan->length_regulariser, plan->prefilter, plan->expected_power, plan->penalty,
        plan->high_penalty, plan->min_score, plan->min_prominence, plan->rise, plan->fall,
        plan->loud, plan->floor, copied(plan->taps, (size_t)plan->tap_count), plan->tap_count,
        {0}, 0, rk_declick_loops_at(0)};
    const int failed = d->taps == NULL ? RK_NO_MEMORY
                                       : rk_estimator_set(&d->estimator, d->order, 4 * d->segment);
    if (failed) {
        rk_detector_free(d);
        return failed;
    }
    d->estimate_work = rk_estimator_workspace(&d->estimator);
    *made = d;
    return 0;
}

void rk_detector_free(rk_detector *detector)
{
    if (detector == NULL)
        return;
    rk_estimator_clear(&detector->estimator);
    free(detector->taps);
    free(detector);
}

static size_t largest(const size_t *values, int count)
{
    size_t most = 0;
    for (int i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

size_t rk_detector_reach(const rk_detector *d)
{
    const size_t order = (size_t)d->order, frame = 4 * (size_t)d->segment;
    const size_t longest = (size_t)d->longest, levels = RK_LEVEL_BLOCKS / 2 * (size_t)d->block;
    const size_t wave = RK_WAVE_LENGTH / 2, seen = levels > wave ? levels : wave;
    const size_t reached[] = {
        frame / 2 + 2 * (size_t)d->segment,
        (size_t)d->back + 2 * order + 4 * (size_t)d->side,
        frame / 2 + (size_t)d->hole + 2 * order,
        seen + 2 * order + 4 + longest,
    };
    return (size_t)d->factor * (largest(reached, 4) + 2 * longest + 16);
}

size_t rk_detector_workspace(const rk_detector *d, size_t length)
{
    const size_t order = (size_t)d->order, longest = (size_t)d->longest, size = (size_t)d->segment;
    const size_t looked_at = length / (size_t)d->factor + 2 * size + 2;
    const size_t hole = (size_t)d->hole + longest + (size_t)(d->back + d->ahead + d->side) + 8;
    const size_t half = RK_LEVEL_BLOCKS / 2 * (size_t)d->block + RK_WAVE_LENGTH / 2;
    const size_t runs = longest * (longest + 8) + 24 * order + 4 * size + 16 * (size_t)d->side
                        + 4 * (size_t)d->far_side;
    const size_t without = hole * (hole + 4) + 8 * order + 4 * size;
    const size_t features = 14 * half + 16 * order + 4 * longest;
    return 10 * looked_at + (looked_at / size + 3) * (order + 1)
           + 2 * length + (size_t)d->tap_count + runs + without + features + 2 * d->estimate_work
           + 1024;
}

/* Every factor-th sample, low-passed without delay, from `first` on; how many. */
static size_t decimated(const rk_detector *d, const double *signal, size_t length, size_t first,
                        double *padded, double *out)
{
    const size_t taps = (size_t)d->tap_count, half = taps / 2, all = length + 2 * half;
    memset(padded, 0, half * sizeof(double));
    memcpy(padded + half, signal, length * sizeof(double));
    memset(padded + half + length, 0, half * sizeof(double));
    const size_t count = (all - first - taps) / (size_t)d->factor + 1;
    d->loops->decimate(padded + first, d->taps, taps, (size_t)d->factor, out, count);
    return count;
}

/* Take the clicks that belong to the zone to the front, at the rate of the signal; how many. */
static int in_zone(const rk_detector *d, size_t zone, size_t begin, size_t end, rk_click *clicks,
                   const rk_features *features, int count)
{
    const int64_t factor = d->factor, spread = (factor - 1) / 2;
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const rk_click click = clicks[i];
        if (click.start >= (int64_t)end || click.stop <= (int64_t)begin)
            continue;
        if (features != NULL && kept != i) {
            memcpy(features[kept].wave, features[i].wave,
                   RK_WAVE_CHANNELS * RK_WAVE_LENGTH * sizeof(float));
            memcpy(features[kept].levels, features[i].levels,
                   RK_LEVEL_CHANNELS * RK_LEVEL_BLOCKS * sizeof(float));
            memcpy(features[kept].facts, features[i].facts, RK_FACTS * sizeof(float));
        }
        clicks[kept++] = (rk_click){
            (int64_t)zone + (click.start - (int64_t)begin) * factor - factor / 2,
            (int64_t)zone + (click.stop - (int64_t)begin) * factor - spread, click.strength};
    }
    return kept;
}

int rk_find_clicks(const rk_detector *d, const double *signal, size_t length, size_t start,
                   size_t stop, double threshold, rk_click *clicks, const rk_features *features,
                   size_t room, double *workspace)
{
    const size_t reach = rk_detector_reach(d), factor = (size_t)d->factor;
    if (start < reach || stop < start || length < reach || stop > length - reach
        || length > RK_MOST_SAMPLES * (size_t)64)
        return RK_BAD_SHAPE;
    rk_arena arena = {workspace, workspace + rk_detector_workspace(d, length)};
    const double *looked_at = signal;
    if (factor > 1) {
        double *out = rk_take(&arena, length / factor + 2);
        rk_arena rest = arena;
        double *padded = rk_take(&rest, length + (size_t)d->tap_count);
        if (out == NULL || padded == NULL)
            return RK_NO_MEMORY;
        decimated(d, signal, length, start % factor, padded, out);
        looked_at = out;
    }
    const size_t begin = start / factor, end = begin + (stop - start + factor - 1) / factor;
    const int count = d->loops->detect(d, looked_at, begin, end, threshold, clicks, features, room,
                                       arena);
    return count < 0 ? count : in_zone(d, start, begin, end, clicks, features, count);
}

int rk_extract_features(const double *signal, size_t length, const double *model, int order,
                        size_t start, size_t stop, int block, double rate, double prominence,
                        double contrast, const rk_features *features)
{
    if (order < 1 || order > RK_MOST_ORDER || block < 1 || block > RK_MOST_ORDER || start >= stop
        || stop - start > RK_MOST_ORDER || stop > length)
        return RK_BAD_SHAPE;
    const rk_declick_loops *loops = rk_declick_loops_at(0);
    const rk_detector d = {.order = order, .block = block, .rate = rate};
    const size_t n = (size_t)order, count = stop - start, middle = (start + stop) / 2;
    const size_t levels = RK_LEVEL_BLOCKS / 2 * (size_t)block, wave = RK_WAVE_LENGTH / 2;
    const size_t half = levels > wave ? levels : wave, reach = half + n + 2;
    if (middle < reach || middle + reach > length || start < middle - half || start < n
        || stop + n > length)
        return RK_BAD_SHAPE;
    const size_t solving = count * count + count + 2 * n + 1;
    const size_t seen = 12 * reach + n + 1 + 2 * RK_LEVEL_BLOCKS;
    double *taps = malloc((2 * n + 1 + count + solving + seen) * sizeof(double));
    if (taps == NULL)
        return RK_NO_MEMORY;
    double *change = taps + 2 * n + 1, *work = change + count;
    loops->inverse_taps(model, n, taps, work);
    loops->interpolation_error(signal + start, taps, n, change, count, work);
    loops->extract(&d, signal, model, start, stop, change, prominence, contrast, features, work);
    free(taps);
    return 0;
}

/* ---- interpolation of gaps ------------------------------------------------------------------ */

int rk_gaps_new(const rk_gaps_plan *plan, rk_gaps **made)
{
    *made = NULL;
    rk_gaps *g = calloc(1, sizeof *g);
    if (g == NULL)
        return RK_NO_MEMORY;
    int failed = rk_estimator_set(&g->first, plan->first_order, plan->context);
    failed = failed ? failed : rk_estimator_set(&g->usual, plan->order, plan->context);
    failed = failed ? failed : rk_estimator_set(&g->for_wide, plan->wide_order, plan->wide_context);
    if (failed || plan->wide < 0 || plan->context < plan->first_order) {
        rk_gaps_free(g);
        return failed ? failed : RK_BAD_SHAPE;
    }
    g->wide = plan->wide;
    g->largest_growth = plan->largest_growth;
    const size_t works[] = {rk_estimator_workspace(&g->first), rk_estimator_workspace(&g->usual),
                            rk_estimator_workspace(&g->for_wide)};
    g->estimate_work = largest(works, 3);
    g->loops = rk_declick_loops_at(0);
    *made = g;
    return 0;
}

void rk_gaps_free(rk_gaps *gaps)
{
    if (gaps == NULL)
        return;
    rk_estimator_clear(&gaps->first);
    rk_estimator_clear(&gaps->usual);
    rk_estimator_clear(&gaps->for_wide);
    free(gaps);
}

static size_t most_order(const rk_gaps *g)
{
    const size_t orders[] = {(size_t)g->first.order, (size_t)g->usual.order,
                             (size_t)g->for_wide.order};
    return largest(orders, 3);
}

size_t rk_gaps_workspace(const rk_gaps *g, size_t width)
{
    return width * (width + 8) + 8 * most_order(g) + g->estimate_work + 64;
}

/* Whether a model of the context around a gap can be estimated, and used. */
static int is_around(const rk_estimator *estimator, size_t length, size_t start, size_t stop)
{
    const size_t count = (size_t)estimator->count, order = (size_t)estimator->order;
    const size_t both = start + stop;
    return start >= order && stop + order <= length && both >= count
           && (both - count) / 2 + count <= length;
}

int rk_fill_gap(const rk_gaps *g, double *signal, size_t length, size_t start, size_t stop,
                int again, double *workspace)
{
    const rk_estimator *usual = again && stop - start >= (size_t)g->wide ? &g->for_wide : &g->usual;
    if (start >= stop || stop > length || !is_around(usual, length, start, stop)
        || (!again && !is_around(&g->first, length, start, stop)))
        return RK_BAD_SHAPE;
    const rk_arena arena = {workspace, workspace + rk_gaps_workspace(g, stop - start)};
    return again ? g->loops->refine_gap(g, signal, start, stop, arena)
                 : g->loops->fill_gap(g, signal, start, stop, arena);
}

/* ---- slow swings after clicks --------------------------------------------------------------- */

/* Take over the shapes of a plan; 0 or an error. */
static int copy_shapes(rk_thumps *t, const rk_thumps_plan *plan)
{
    size_t all = 0;
    for (int i = 0; i < RK_DECAYS; i++) {
        const rk_shapes *shapes = &plan->shapes[i];
        if (shapes->numbers < 1 || shapes->numbers > RK_MOST_SHAPES || shapes->count < 1
            || shapes->count > plan->longest || plan->tried[i] < 0 || plan->tried[i] >= RK_DECAYS)
            return RK_BAD_SHAPE;
        all += (size_t)shapes->numbers * (size_t)shapes->count;
    }
    double *next = t->rows = malloc(all * sizeof(double));
    if (next == NULL)
        return RK_NO_MEMORY;
    for (int i = 0; i < RK_DECAYS; i++) {
        const rk_shapes *shapes = &plan->shapes[i];
        const size_t size = (size_t)shapes->numbers * (size_t)shapes->count;
        memcpy(next, shapes->rows, size * sizeof(double));
        t->shapes[i] = (rk_shapes){next, shapes->numbers, shapes->count};
        next += size;
    }
    return 0;
}

int rk_thumps_new(const rk_thumps_plan *plan, rk_thumps **made)
{
    const int lengths[] = {plan->factor, plan->order, plan->context, plan->longest,
                           plan->energy_rise, plan->later, plan->earlier, plan->known,
                           plan->history, plan->step, plan->reach, plan->tap_count};
    *made = NULL;
    if (!in_range(lengths, 12, 1) || plan->tap_count % 2 == 0 || plan->context <= 2 * plan->order
        || plan->energy_rise > plan->longest + plan->context)
        return RK_BAD_SHAPE;
    rk_thumps *t = malloc(sizeof *t);
    if (t == NULL)
        return RK_NO_MEMORY;
    *t = (rk_thumps){
        .factor = plan->factor, .order = plan->order, .context = plan->context,
        .longest = plan->longest, .energy_rise = plan->energy_rise, .later = plan->later,
        .earlier = plan->earlier, .known = plan->known, .history = plan->history,
        .step = plan->step, .reach = plan->reach,
        .taps = copied(plan->taps, (size_t)plan->tap_count), .tap_count = plan->tap_count,
        .rise_factor = plan->rise_factor, .least_evidence = plan->least_evidence,
        .later_share = plan->later_share, .earlier_share = plan->earlier_share,
        .left_share = plan->left_share, .small_share = plan->small_share,
        .most_left = plan->most_left, .similar_share = plan->similar_share,
        .floor = plan->floor, .ridge = plan->ridge, .loops = rk_declick_loops_at(0)};
    memcpy(t->tried, plan->tried, sizeof t->tried);
    memcpy(t->sizes, plan->sizes, sizeof t->sizes);
    int failed = t->taps == NULL ? RK_NO_MEMORY : copy_shapes(t, plan);
    failed = failed ? failed : rk_estimator_set(&t->estimator, t->order, t->context);
    if (failed) {
        rk_thumps_free(t);
        return failed;
    }
    t->estimate_work = rk_estimator_workspace(&t->estimator) + (size_t)t->order + 8;
    *made = t;
    return 0;
}

void rk_thumps_free(rk_thumps *thumps)
{
    if (thumps == NULL)
        return;
    rk_estimator_clear(&thumps->estimator);
    free(thumps->taps);
    free(thumps->rows);
    free(thumps);
}

size_t rk_thumps_workspace(const rk_thumps *t)
{
    const size_t context = (size_t)t->context, order = (size_t)t->order;
    return 4 * (size_t)t->longest + 6 * context + 16 * order + (size_t)t->energy_rise
           + 3 * RK_MOST_SHAPES * RK_MOST_SHAPES + t->estimate_work + 256;
}

int rk_find_thump(const rk_thumps *t, const double *signal, size_t length, size_t anchor,
                  int64_t heard, int *number, double *weights, double *workspace)
{
    const size_t beside = (size_t)(t->context + t->order + 1);
    const size_t half = (size_t)(t->tap_count / 2), factor = (size_t)t->factor;
    const size_t before = (size_t)t->history + (size_t)t->earlier + beside * factor + half;
    const size_t after = ((size_t)t->longest + beside) * factor + half + (size_t)t->later;
    if (anchor < before || length < anchor || length - anchor < after)
        return RK_BAD_SHAPE;
    const rk_arena arena = {workspace, workspace + rk_thumps_workspace(t)};
    return t->loops->find_thump(t, signal, anchor, heard, number, weights, arena);
}

/* What the declicker's tools are inside. */

#ifndef RESTORACK_DECLICK_INSIDE_H
#define RESTORACK_DECLICK_INSIDE_H

#include "arena.h"
#include "fft.h"
#include "order_statistics.h"
#include "restorack_declick.h"

/* White noise added to every frame, -140 dBFS, and in proportion to its power: silence and pure tones
   stay solvable. */
#define RK_FLOOR 1e-14
#define RK_RIDGE 1e-9
/* Added to the diagonal of normal equations, in proportion to it. */
#define RK_LEAST_RIDGE 1e-11

/* How the models of frames of one length are estimated. */
typedef struct {
    int order, count;
    double *window; /* squared sine, owned */
    rk_fft *fft;    /* NULL where the autocorrelation is summed directly; owned */
} rk_estimator;

struct rk_detector {
    int factor, order, segment, limit, longest, side, far_side, block, back, ahead, hole;
    double rate, length_regulariser, prefilter, expected_power, penalty, high_penalty;
    double min_score, min_prominence, rise, fall, loud, floor;
    double *taps;
    int tap_count;
    rk_estimator estimator;
    size_t estimate_work;
    const struct rk_declick_loops *loops;
};

struct rk_gaps {
    rk_estimator first, usual, for_wide;
    int wide;
    double largest_growth;
    size_t estimate_work;
    const struct rk_declick_loops *loops;
};

struct rk_thumps {
    int factor, order, context, longest, energy_rise;
    int later, earlier, known, history, step, reach;
    double *taps, *rows;
    int tap_count;
    rk_shapes shapes[RK_DECAYS];
    int tried[RK_DECAYS];
    double sizes[RK_SIZES];
    double rise_factor, least_evidence, later_share, earlier_share, left_share, small_share;
    double most_left, similar_share, floor, ridge;
    rk_estimator estimator;
    size_t estimate_work;
    const struct rk_declick_loops *loops;
};

/* One way to compute all of it. */
typedef struct rk_declick_loops {
    const char *name;
    int (*detect)(const rk_detector *, const double *, size_t begin, size_t end, double threshold,
                  rk_click *, const rk_features *, size_t room, rk_arena);
    void (*decimate)(const double *x, const double *taps, size_t tap_count, size_t factor,
                     double *out, size_t count);
    int (*fill_gap)(const rk_gaps *, double *, size_t start, size_t stop, rk_arena);
    int (*refine_gap)(const rk_gaps *, double *, size_t start, size_t stop, rk_arena);
    int (*find_thump)(const rk_thumps *, const double *, size_t anchor, int64_t heard, int *number,
                      double *weights, rk_arena);
    void (*extract)(const rk_detector *, const double *signal, const double *model, size_t start,
                    size_t stop, const double *change, double prominence, double contrast,
                    const rk_features *, double *work);
    void (*estimate)(const rk_estimator *, const double *frame, double *model, double *work);
    void (*inverse_taps)(const double *model, size_t order, double *taps, double *work);
    void (*fir)(const double *x, const double *taps, size_t tap_count, double *out, size_t count);
    void (*interpolation_error)(const double *x, const double *taps, size_t order, double *out,
                                size_t count, double *work);
} rk_declick_loops;

/* Every way that this processor has, the best one first; NULL behind the last. */
const rk_declick_loops *rk_declick_loops_at(int place);

/* Make an estimator; 0 or an error. rk_estimator_clear frees what it owns. */
int rk_estimator_set(rk_estimator *estimator, int order, int count);
void rk_estimator_clear(rk_estimator *estimator);
size_t rk_estimator_workspace(const rk_estimator *estimator);

#endif

/* restorack's declicker: candidates for clicks, interpolation of gaps, slow swings after clicks.

   Three tools, each made once from a plan. A tool does not change; calls of it may run in many
   threads, each with memory of its own: so many doubles as rk_..._workspace says. Nothing here
   allocates while it runs. The result is a function of the arguments alone. Samples are doubles;
   they are not checked: they are to be finite. */

#ifndef RESTORACK_DECLICK_H
#define RESTORACK_DECLICK_H

#include <stddef.h>
#include <stdint.h>

#include "restorack_core.h" /* its errors */

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RK_WAVE_CHANNELS = 5, RK_WAVE_LENGTH = 512,
    RK_LEVEL_CHANNELS = 5, RK_LEVEL_BLOCKS = 64,
    RK_FACTS = 9,
    RK_STRIDE = 4,       /* samples between the runs that are scored */
    RK_SIDE_BLOCKS = 8,  /* blocks on a side that a deviation is the median of */
    RK_SIZES = 3, RK_DECAYS = 4, /* priors and time constants of swings */
    RK_MOST_SHAPES = 64, /* of a time constant */
    RK_MOST_ORDER = 1 << 13, RK_MOST_SAMPLES = 1 << 20 /* of a model; of any length in a plan */
};

/* ---- candidates for clicks ------------------------------------------------------------------ */

/* Lengths in samples at the detector's own rate, which is the signal's over `factor`. */
typedef struct {
    int factor, order, segment; /* a model is estimated every segment, from four of them */
    int limit, longest;         /* of clicks, and of the runs that are followed */
    int side, far_side, block, back, ahead, hole;
    double rate;                /* Hz */
    double length_regulariser, prefilter, expected_power, penalty, high_penalty;
    double min_score, min_prominence, rise, fall, loud, floor;
    const double *taps;         /* of the low-pass before decimation; an odd number, 1 for none */
    int tap_count;
} rk_detector_plan;

typedef struct {
    int64_t start, stop; /* at the rate of the signal */
    double strength;     /* how far it stands out of the residual; 1: not at all */
} rk_click;

/* What a network sees of a candidate. */
typedef struct {
    float *wave;   /* RK_WAVE_CHANNELS x RK_WAVE_LENGTH */
    float *levels; /* RK_LEVEL_CHANNELS x RK_LEVEL_BLOCKS */
    float *facts;  /* RK_FACTS */
} rk_features;

typedef struct rk_detector rk_detector;

int rk_detector_new(const rk_detector_plan *plan, rk_detector **made);
void rk_detector_free(rk_detector *detector);

/* Samples that there must be before and after the zone, at the rate of the signal. */
size_t rk_detector_reach(const rk_detector *detector);
size_t rk_detector_workspace(const rk_detector *detector, size_t length);

/* Find the clicks that begin in the zone from `start` to `stop` of a signal. features: NULL, or
   `room` of them; number i is that of clicks[i]. In order of detection. How many, or an error:
   RK_TOO_LARGE where there is no room for all, RK_BAD_SHAPE for a zone too near to an end. */
int rk_find_clicks(const rk_detector *detector, const double *signal, size_t length, size_t start,
                   size_t stop, double threshold, rk_click *clicks, const rk_features *features,
                   size_t room, double *workspace);

/* The features of the run from `start` to `stop` under a model of an order that is free of it;
   `block`: samples of 1.45 ms at `rate` Hz. 0, or an error; allocates. */
int rk_extract_features(const double *signal, size_t length, const double *model, int order,
                        size_t start, size_t stop, int block, double rate, double prominence,
                        double contrast, const rk_features *features);

/* ---- interpolation of gaps ------------------------------------------------------------------ */

/* Orders of models, and the samples that each is estimated from. */
typedef struct {
    int first_order, order, context;
    int wide, wide_order, wide_context; /* gaps from `wide` on, where they are filled again */
    double largest_growth;              /* over the peak of the surroundings */
} rk_gaps_plan;

typedef struct rk_gaps rk_gaps;

int rk_gaps_new(const rk_gaps_plan *plan, rk_gaps **made);
void rk_gaps_free(rk_gaps *gaps);
size_t rk_gaps_workspace(const rk_gaps *gaps, size_t width); /* for gaps up to a width */

/* Fill a gap in place, or again from better surroundings (`again` not 0). 1, or 0 where no sound
   fill is found and the signal is left, or an error. */
int rk_fill_gap(const rk_gaps *gaps, double *signal, size_t length, size_t start, size_t stop,
                int again, double *workspace);

/* ---- slow swings after clicks --------------------------------------------------------------- */

/* Decaying swings of one time constant in the low band: numbers x count. */
typedef struct {
    const double *rows;
    int numbers, count;
} rk_shapes;

/* Lengths of the low band in its samples, others in the signal's. */
typedef struct {
    int factor, order, context, longest, energy_rise;
    int later, earlier, known, history, step, reach;
    const double *taps; /* of the low-pass before decimation */
    int tap_count;
    rk_shapes shapes[RK_DECAYS];
    int tried[RK_DECAYS];   /* numbers of the time constants, in this order */
    double sizes[RK_SIZES]; /* expected power over that of the low band */
    double rise_factor, least_evidence, later_share, earlier_share, left_share, small_share;
    double most_left, similar_share, floor, ridge;
} rk_thumps_plan;

typedef struct rk_thumps rk_thumps;

int rk_thumps_new(const rk_thumps_plan *plan, rk_thumps **made);
void rk_thumps_free(rk_thumps *thumps);
size_t rk_thumps_workspace(const rk_thumps *thumps);

/* Find the swing that begins at an anchor, if there clearly is one: 1 with the number of its time
   constant and RK_MOST_SHAPES weights, 0 for none, or an error. `heard`: samples of the stream
   before the anchor. */
int rk_find_thump(const rk_thumps *thumps, const double *signal, size_t length, size_t anchor,
                  int64_t heard, int *number, double *weights, double *workspace);

#ifdef __cplusplus
}
#endif
#endif

/* Included by declick.c for each kind of processor: all of the declicker's loops. */

#include "lanes.h"

#if RK_LANES > 1
#define V_OF(value) ((RK_NAME(lanes)){0} + (value))
#else
#define V_OF(value) (value)
#endif

#include "autoregression_template.h"
#include "likelihood_template.h"
#include "features_template.h"
#include "detector_template.h"
#include "gaps_template.h"
#include "thumps_template.h"

static const rk_declick_loops RK_NAME(LOOPS) = {
    .name = RK_KIND,
    .detect = RK_NAME(detect),
    .decimate = RK_NAME(decimate),
    .fill_gap = RK_NAME(fill_gap),
    .refine_gap = RK_NAME(refine_gap),
    .find_thump = RK_NAME(find_thump),
    .extract = RK_NAME(extract),
    .estimate = RK_NAME(estimate),
    .inverse_taps = RK_NAME(inverse_taps),
    .fir = RK_NAME(fir),
    .interpolation_error = RK_NAME(interpolation_error),
};

#undef V
#undef AT
#undef GET
#undef V_OF
#undef RK_KIND
#undef RK_LANES
#undef RK_NAME
#undef RK_TARGET

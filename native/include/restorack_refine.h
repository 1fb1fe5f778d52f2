/* restorack's second look at what short frames made of a recording, through frames four times as long:
   in each region the Wiener gains of long frames count, or what short frames made, whichever leaves
   less behind. Nothing allocates. Values are not checked: they are to be finite. */

#ifndef RESTORACK_REFINE_H
#define RESTORACK_REFINE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RK_LONGER = 4,       /* times the short frames */
    RK_LONG_FRAMES = 4,  /* of a group */
    RK_SHORT_FRAMES = 16,
    RK_RECENT_FRAMES = 9 /* short ones before a group that lie in its first long one */
};

/* What is known of a group of frames. Spectra are pairs of real and imaginary part. */
typedef struct {
    size_t channels;
    size_t bins;            /* of short frames; long ones have 4 * (bins - 1) + 1 */
    const double *shorts;   /* channels x 16 x bins, of what short frames made */
    const double *longs;    /* 2 * channels x 4 x long bins: of the same, then of what was removed */
    const double *noise;    /* long bins: the noise's power density; 0: inaudible */
    double strength;        /* 0 to 1, of what short frames made */
    double smallest;        /* strength that is divided by, at least */
    double lowest;          /* gain, at least */
} rk_refined;

/* What is remembered from group to group; zeros at first. */
typedef struct {
    double *recent;  /* 9 x bins */
    double *risks;   /* 5 x 2 x bins: of short and long frames */
    double *waiting; /* channels x 4 x long bins, pairs: the newest group's change */
} rk_refining;

size_t rk_refine_workspace(size_t bins); /* doubles */

/* Take a group; `change` becomes what to add to the spectra of the one before. */
void rk_refine(const rk_refined *group, const rk_refining *state, double *change, double *work);

#ifdef __cplusplus
}
#endif
#endif

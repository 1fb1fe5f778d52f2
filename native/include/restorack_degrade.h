/* The loops of restorack's degradations: moved reading, codecs, level control. Plain C; nothing
   allocates. Lengths and indices are the caller's to check. */

#ifndef RESTORACK_DEGRADE_H
#define RESTORACK_DEGRADE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- moved_reading.c ------------------------------------------------------------------------ */

/* out[i]: samples read at origin + i + shifts[i] through phases + 1 kernels of `width` taps, lines
   between them. All places must lie width / 2 within the samples. */
void rk_read_moved(const float *samples, const double *shifts, size_t count, size_t origin,
                   const double *table, size_t phases, size_t width, float *out);

/* Add sines from sample `first` on by rotation, begun anew at every cell of `grid` samples. Steps and
   phases in turns. */
void rk_add_waves(const double *steps, const double *amplitudes, const double *phases,
                  size_t waves, int64_t first, int64_t grid, double *out, size_t count);

/* Add `share` of a row read where a stylus touches: its contact lies `reach` times the slope's sine
   away, found by so many rounds of the secant method, fewer where it moves by less than `close`. */
void rk_add_traced(const double *row, const double *slopes, const double *reach, double share,
                   int rounds, double close, double *out, size_t count);

/* ---- level_control.c ------------------------------------------------------------------------ */

typedef struct {
    double rise, fall, target, most, strength;
} rk_level_settings;

/* An automatic gain control; the level that it has reached. */
double rk_follow(const float *row, double level, const rk_level_settings *settings, float *out,
                 size_t count);

/* ---- gsm.c ---------------------------------------------------------------------------------- */

enum { RK_GSM_FRAME = 160, RK_GSM_ORDER = 8, RK_GSM_PAST = 120 };

/* What one channel's coder and decoder remember. */
typedef struct {
    double memory[4]; /* offset filter's input and output, pre-emphasis, de-emphasis */
    double ratios[RK_GSM_ORDER], analysis[RK_GSM_ORDER], synthesis[RK_GSM_ORDER + 1];
    double residual[RK_GSM_PAST];
} rk_gsm;

/* Code and decode a frame of 16-bit numbers in place (GSM 06.10 in floating point). */
void rk_gsm_recode(rk_gsm *state, double *frame);

/* ---- perceptual_quantiser.c ----------------------------------------------------------------- */

typedef struct {
    const int64_t *edges;  /* bands + 1 */
    const double *spread;  /* bands x bands */
    const double *quiet;   /* bands */
    size_t bands;
    double side_bits, band_bits;
    int finest, coarsest;  /* common gains, in quarters of an octave */
} rk_perceptual;

/* Quantise transforms of `size` in place, with as many bits as they may have; how many they took.
   steps: count x size; work: 2 * bands */
double rk_perceptual_quantise(const rk_perceptual *layout, double *parts, size_t count,
                              size_t size, double bits, double *steps, double *work);

/* ---- residual_quantiser.c ------------------------------------------------------------------- */

/* Quantise the vectors between edges in place, in rounds of a codebook each: books, and the powers of
   their entries up to each length, are rounds x entries x longest. work: 2 * longest */
void rk_residual_quantise(double *spectrum, const int64_t *edges, size_t vectors,
                          const double *books, const double *powers, size_t rounds,
                          size_t entries, size_t longest, size_t part, double *work);

#ifdef __cplusplus
}
#endif
#endif

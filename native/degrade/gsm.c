/* GSM full rate by its equations in floating point (GSM 06.10, ETSI EN 300 961); numbers in brackets
   are its sections. */

#include "restorack_degrade.h"

#include <math.h>
#include <string.h>

enum { ORDER = RK_GSM_ORDER, FRAME = RK_GSM_FRAME, SUBFRAME = 40, SHORTEST_LAG = 40, PULSES = 13 };

static const double PREEMPHASIS = 0.86, OFFSET_POLE = 0.999;

/* How log area ratios are coded; the largest code is -1 - least. */
static const double SCALE[ORDER] = {20.0, 20.0, 20.0, 20.0, 13.637, 15.0, 8.334, 8.824};
static const double SHIFT[ORDER] = {0.0, 0.0, 4.0, -5.0, 0.184, -3.5, -0.666, -2.235};
static const double LEAST[ORDER] = {-32.0, -32.0, -16.0, -16.0, -8.0, -8.0, -4.0, -4.0};
static const double WEIGHTING[11] = {-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134};
static const double GAINS[4] = {0.1, 0.35, 0.65, 1.0}, GAIN_EDGES[3] = {0.2, 0.5, 0.8};

static double clipped(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static double signed_as(double size, double of)
{
    return of > 0.0 ? size : of < 0.0 ? -size : 0.0;
}

/* Take the offset out and raise the top (5.2.2, 5.2.3). */
static void flatten(const double *frame, double *memory, double *out)
{
    for (int i = 0; i < FRAME; i++) {
        const double level = frame[i] - memory[0] + OFFSET_POLE * memory[1];
        memory[0] = frame[i];
        out[i] = level - PREEMPHASIS * memory[1];
        memory[1] = level;
    }
}

/* Reflection coefficients of a frame, by Schur's recursion (5.2.4, 5.2.5). */
static void reflections(const double *frame, double *coefficients)
{
    double forward[ORDER + 1], backward[ORDER + 1];
    for (int lag = 0; lag <= ORDER; lag++) {
        double sum = 0.0;
        for (int i = lag; i < FRAME; i++)
            sum += frame[i] * frame[i - lag];
        forward[lag] = backward[lag] = sum;
    }
    memset(coefficients, 0, ORDER * sizeof(double));
    for (int order = 0; order < ORDER; order++) {
        if (forward[0] < fabs(backward[1]) || forward[0] <= 0.0)
            break;
        const double coefficient = -backward[1] / forward[0];
        coefficients[order] = coefficient;
        forward[0] += backward[1] * coefficient;
        for (int i = 1; i < ORDER - order; i++) {
            const double ahead = backward[i + 1] + coefficient * forward[i];
            forward[i] += coefficient * backward[i + 1];
            backward[i] = ahead;
        }
    }
}

/* From reflection coefficients to log area ratios, coded and decoded (5.2.6 to 5.2.8). */
static void decode_ratios(const double *coefficients, double *ratios)
{
    for (int i = 0; i < ORDER; i++) {
        double size = fabs(coefficients[i]);
        if (size >= 0.95)
            size = 8.0 * size - 6.375;
        else if (size >= 0.675)
            size = 2.0 * size - 0.675;
        const double code = floor(SCALE[i] * signed_as(size, coefficients[i]) + SHIFT[i] + 0.5);
        ratios[i] = (clipped(code, LEAST[i], -1.0 - LEAST[i]) - SHIFT[i]) / SCALE[i];
    }
}

/* The reflection coefficient of a log area ratio (5.2.9.2). */
static double coefficient_of(double ratio)
{
    double size = fabs(ratio);
    if (size >= 1.225) {
        size = 0.125 * size + 0.796875;
        size = size < 0.9999 ? size : 0.9999;
    } else if (size >= 0.675) {
        size = 0.5 * size + 0.3375;
    }
    return signed_as(size, ratio);
}

/* Filter through the lattice, whose ratios glide where a frame begins (5.2.9, 5.2.10, 5.3). */
static void filter(const double *source, const double *before, const double *ratios, double *state,
                   double *out, int analysis)
{
    double coefficients[ORDER] = {0};
    for (int i = 0; i < FRAME; i++) {
        if (i == 0 || i == 13 || i == 27 || i == 40) {
            const double share = i == 0 ? 0.25 : i == 13 ? 0.5 : i == 27 ? 0.75 : 1.0;
            for (int k = 0; k < ORDER; k++)
                coefficients[k] = coefficient_of((1.0 - share) * before[k] + share * ratios[k]);
        }
        double value = source[i], delayed = value;
        for (int k = 0; analysis && k < ORDER; k++) {
            const double past = state[k];
            state[k] = delayed;
            delayed = past + coefficients[k] * value;
            value = value + coefficients[k] * past;
        }
        for (int k = ORDER - 1; !analysis && k >= 0; k--) {
            value = value - coefficients[k] * state[k];
            state[k + 1] = state[k] + coefficients[k] * value;
        }
        if (!analysis)
            state[0] = value;
        out[i] = value;
    }
}

/* Round a block's maximum up to one of 64 steps: 16 to 512, then eight to an octave. */
static double decoded_maximum(double largest)
{
    if (largest < 512.0)
        return 32.0 * floor(largest / 32.0) + 31.0;
    largest = largest < 32767.0 ? largest : 32767.0;
    const double step = exp2(floor(log2(largest)) - 3.0);
    return step * floor(largest / step) + step - 1.0;
}

/* Keep every third sample of the weighted residual, on the strongest of four grids. */
static void add_pulses(const double *remains, double *received)
{
    double weighted[SUBFRAME] = {0};
    for (int i = 0; i < SUBFRAME; i++)
        for (int tap = 0; tap < 11; tap++) {
            const int at = i + 5 - tap;
            if (at >= 0 && at < SUBFRAME)
                weighted[i] += WEIGHTING[tap] / 8192.0 * remains[at];
        }
    double best = -1.0, largest = 0.0;
    int grid = 0;
    for (int candidate = 0; candidate < 4; candidate++) {
        double energy = 0.0;
        for (int pulse = 0; pulse < PULSES; pulse++)
            energy += weighted[candidate + 3 * pulse] * weighted[candidate + 3 * pulse];
        if (energy > best) {
            best = energy;
            grid = candidate;
        }
    }
    for (int pulse = 0; pulse < PULSES; pulse++) {
        const double size = fabs(weighted[grid + 3 * pulse]);
        largest = size > largest ? size : largest;
    }
    const double block = decoded_maximum(largest);
    for (int pulse = 0; pulse < PULSES; pulse++) {
        const int at = grid + 3 * pulse;
        const double code = clipped(floor(4.0 * weighted[at] / block + 4.0), 0.0, 7.0);
        received[at] += (2.0 * code - 7.0) / 8.0 * block;
    }
}

/* Code 5 ms of the residual and decode them: lag, gain, a grid of pulses (5.2.11 to 5.2.18). */
static void excite(const double *sent, double *past, double *received)
{
    double best = 0.0, power = 0.0, remains[SUBFRAME];
    int lag = SHORTEST_LAG, code = 0;
    for (int candidate = SHORTEST_LAG; candidate <= RK_GSM_PAST; candidate++) {
        double match = 0.0;
        for (int i = 0; i < SUBFRAME; i++)
            match += sent[i] * past[RK_GSM_PAST + i - candidate];
        if (match > best) {
            best = match;
            lag = candidate;
        }
    }
    const double *earlier = past + RK_GSM_PAST - lag;
    for (int i = 0; i < SUBFRAME; i++)
        power += earlier[i] * earlier[i];
    const double ratio = power > 0.0 ? best / power : 0.0;
    while (code < 3 && ratio >= GAIN_EDGES[code])
        code++;
    for (int i = 0; i < SUBFRAME; i++) {
        received[i] = GAINS[code] * earlier[i];
        remains[i] = sent[i] - received[i];
    }
    add_pulses(remains, received);
    memmove(past, past + SUBFRAME, (RK_GSM_PAST - SUBFRAME) * sizeof(double));
    memcpy(past + RK_GSM_PAST - SUBFRAME, received, SUBFRAME * sizeof(double));
}

void rk_gsm_recode(rk_gsm *state, double *frame)
{
    double flat[FRAME], sent[FRAME], received[FRAME], coefficients[ORDER], ratios[ORDER];
    flatten(frame, state->memory, flat);
    reflections(flat, coefficients);
    decode_ratios(coefficients, ratios);
    filter(flat, state->ratios, ratios, state->analysis, sent, 1);
    for (int at = 0; at < FRAME; at += SUBFRAME)
        excite(sent + at, state->residual, received + at);
    filter(received, state->ratios, ratios, state->synthesis, frame, 0);
    memcpy(state->ratios, ratios, sizeof ratios);
    for (int i = 0; i < FRAME; i++)
        frame[i] = state->memory[3] = frame[i] + PREEMPHASIS * state->memory[3];
}

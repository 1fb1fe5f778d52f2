/* The gain of a look-ahead limiter: what every sample needs, held over the look-ahead, released,
   then smoothed by moving averages as long as the look-ahead, so that it is there in time. */

#include "restorack_dynamics.h"

#include <math.h>

/* Gains in steps of 2^-24: their sums over three boxes of 640 are whole numbers that a double holds,
   so that averages never drift, and a gain of 1 is 1. */
static const double STEPS = 16777216.0;

/* What a state holds before its arrays. */
enum { FAST, SLOW, NOW, HEAD, HELD, SUMS, PLACES = SUMS + RK_LIMITER_BOXES,
       FIXED = PLACES + RK_LIMITER_BOXES };

size_t rk_limiter_delay(const rk_limiter *settings)
{
    size_t delay = 0;
    for (int box = 0; box < RK_LIMITER_BOXES; box++)
        delay += settings->boxes[box] - 1;
    return delay;
}

size_t rk_limiter_state(const rk_limiter *settings)
{
    const size_t window = rk_limiter_delay(settings) + 1;
    return FIXED + 2 * window + window + RK_LIMITER_BOXES - 1;
}

/* The largest of the latest `window` values: a queue of those that no later one exceeds. */
static double held_maximum(double *state, size_t window, double value)
{
    double *values = state + FIXED, *times = values + window;
    const double now = state[NOW];
    size_t head = (size_t)state[HEAD], held = (size_t)state[HELD];
    while (held > 0 && values[(head + held - 1) % window] <= value)
        held--;
    values[(head + held) % window] = value;
    times[(head + held) % window] = now;
    held++;
    if (times[head] <= now - (double)window) {
        head = (head + 1) % window;
        held--;
    }
    state[HEAD] = (double)head;
    state[HELD] = (double)held;
    state[NOW] = now + 1.0;
    return values[head];
}

/* Back from what was held: fast down to the mean of late, and slowly from there. */
static double released(const rk_limiter *settings, double *state, double held)
{
    double fast = state[FAST], slow = state[SLOW];
    const double target = slow < fast ? slow : fast;
    fast = (target + (fast - target) * settings->fast) * settings->slow - settings->least;
    if (fast < held)
        fast = held;
    slow = slow < fast ? slow + (fast - slow) * settings->rise : fast;
    state[FAST] = fast;
    state[SLOW] = slow;
    return fast;
}

static double averaged(const rk_limiter *settings, double *state, double value)
{
    double *ring = state + FIXED + 2 * (rk_limiter_delay(settings) + 1);
    for (int box = 0; box < RK_LIMITER_BOXES; box++) {
        const size_t length = settings->boxes[box], place = (size_t)state[PLACES + box];
        state[SUMS + box] += value - ring[place];
        ring[place] = value;
        state[PLACES + box] = (double)(place + 1 < length ? place + 1 : 0);
        value = state[SUMS + box];
        ring += length;
    }
    return value;
}

void rk_limiter_gains(const rk_limiter *settings, double *state, const double *needed,
                      double *gains, size_t count)
{
    const size_t window = rk_limiter_delay(settings) + 1;
    double all = STEPS;
    for (int box = 0; box < RK_LIMITER_BOXES; box++)
        all *= (double)settings->boxes[box];
    for (size_t i = 0; i < count; i++) {
        const double held = held_maximum(state, window, needed[i]);
        const double nepers = released(settings, state, held);
        const double taken = nepers > 0.0 ? ceil(STEPS * (1.0 - exp(-nepers))) : 0.0;
        gains[i] = 1.0 - averaged(settings, state, taken) / all;
    }
}

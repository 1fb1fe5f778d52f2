#include "restorack_degrade.h"

#include <math.h>

static const double TURN = 6.28318530717958647693;

void rk_read_moved(const float *samples, const double *shifts, size_t count, size_t origin,
                   const double *table, size_t phases, size_t width, float *out)
{
    for (size_t i = 0; i < count; i++) {
        const double whole = floor(shifts[i]), place = (shifts[i] - whole) * (double)phases;
        const size_t phase = (size_t)place;
        const double share = place - (double)phase;
        const float *x = samples + (ptrdiff_t)(origin + i) + (ptrdiff_t)whole
                         - (ptrdiff_t)(width / 2) + 1;
        const double *here = table + phase * width, *next = here + width;
        double left[4] = {0}, right[4] = {0};
        for (size_t tap = 0; tap + 4 <= width; tap += 4)
            for (size_t k = 0; k < 4; k++) {
                left[k] += here[tap + k] * (double)x[tap + k];
                right[k] += next[tap + k] * (double)x[tap + k];
            }
        for (size_t tap = width / 4 * 4; tap < width; tap++) {
            left[0] += here[tap] * (double)x[tap];
            right[0] += next[tap] * (double)x[tap];
        }
        out[i] = (float)((1.0 - share) * ((left[0] + left[1]) + (left[2] + left[3]))
                         + share * ((right[0] + right[1]) + (right[2] + right[3])));
    }
}

void rk_add_waves(const double *steps, const double *amplitudes, const double *phases,
                  size_t waves, int64_t first, int64_t grid, double *out, size_t count)
{
    const int64_t end = first + (int64_t)count, past = (first % grid + grid) % grid;
    for (size_t wave = 0; wave < waves; wave++) {
        const double turn_cos = cos(TURN * steps[wave]), turn_sin = sin(TURN * steps[wave]);
        for (int64_t cell = first - past; cell < end; cell += grid) {
            const double turns = steps[wave] * (double)cell + phases[wave];
            const double begin = TURN * (turns - floor(turns));
            double cosine = amplitudes[wave] * cos(begin), sine = amplitudes[wave] * sin(begin);
            for (int64_t at = cell; at < cell + grid && at < end; at++) {
                if (at >= first)
                    out[at - first] += sine;
                const double next = sine * turn_cos + cosine * turn_sin;
                cosine = cosine * turn_cos - sine * turn_sin;
                sine = next;
            }
        }
    }
}

/* Interpolate through six samples (Lagrange): at four times the rate -100 dB at 10 kHz. */
static double between(const double *row, double share)
{
    const double a = share + 2.0, b = share + 1.0, c = share;
    const double d = share - 1.0, e = share - 2.0, f = share - 3.0;
    const double ab = a * b, abc = a * b * c, ef = e * f, def = d * e * f;
    const double outer = abc * d * e * row[3] / 120.0 - b * c * def * row[-2] / 120.0;
    const double middle = a * c * def * row[-1] / 24.0 - abc * d * f * row[2] / 24.0;
    return outer + middle + (abc * ef * row[1] / 12.0 - ab * def * row[0] / 12.0);
}

void rk_add_traced(const double *row, const double *slopes, const double *reach, double share,
                   int rounds, double close, double *out, size_t count)
{
    const ptrdiff_t last = (ptrdiff_t)count - 4;
    double shift = 0.0; /* of the contact; that of the sample before is near */
    for (size_t i = 0; i < count; i++) {
        double value = 0.0, earlier = 0.0, miss_earlier = 0.0;
        for (int round = 0; round < rounds; round++) {
            const double place = (double)i + shift;
            ptrdiff_t whole = (ptrdiff_t)floor(place);
            whole = whole < 2 ? 2 : whole;
            whole = whole > last ? last : whole;
            value = between(row + whole, place - (double)whole);
            const double slope = slopes[i] * value;
            const double miss = reach[i] * slope / sqrt(1.0 + slope * slope) - shift;
            if (fabs(miss) < close)
                break;
            double step = miss;
            if (round > 0 && miss != miss_earlier) /* the secant's zero */
                step = -miss * (shift - earlier) / (miss - miss_earlier);
            earlier = shift;
            miss_earlier = miss;
            const double limit = fabs(reach[i]), moved = shift + step;
            shift = moved < -limit ? -limit : moved > limit ? limit : moved;
        }
        out[i] += share * value;
    }
}

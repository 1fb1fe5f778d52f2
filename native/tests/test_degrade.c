/* The degradations' loops by themselves, for the sanitizers: silence, full scale, small sizes.
   scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restorack_degrade.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static unsigned long long state = 1;

static double next(void)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(unsigned)(state >> 33) / 1073741824.0 - 1.0;
}

static double *noise(size_t count, double scale)
{
    double *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = scale * next();
    return values;
}

/* A position on a sample is the sample; ends are not read beyond. */
static void test_moved_reading(void)
{
    enum { PHASES = 4, WIDTH = 6, COUNT = 20, ORIGIN = 5 };
    double table[(PHASES + 1) * WIDTH] = {0}, shifts[COUNT];
    float *samples = malloc((COUNT + ORIGIN + 3) * sizeof *samples), out[COUNT];
    for (int phase = 0; phase <= PHASES; phase++) {
        table[phase * WIDTH + WIDTH / 2 - 1] = 1.0 - (double)phase / PHASES;
        table[phase * WIDTH + WIDTH / 2] = (double)phase / PHASES;
    }
    for (int i = 0; i < COUNT + ORIGIN + 3; i++)
        samples[i] = (float)i;
    for (int i = 0; i < COUNT; i++)
        shifts[i] = i < 3 ? -2.75 : i > COUNT - 3 ? -0.5 : 0.3;
    rk_read_moved(samples, shifts, COUNT, ORIGIN, table, PHASES, WIDTH, out);
    for (int i = 0; i < COUNT; i++)
        CHECK(fabs((double)out[i] - (ORIGIN + i + shifts[i])) < 1e-5);
    free(samples);
}

static void test_waves(void)
{
    const double step = 0.013, amplitude = 2.0, phase = 0.4;
    for (int64_t first = -70; first < 200; first += 67) {
        double out[150] = {0};
        rk_add_waves(&step, &amplitude, &phase, 1, first, 64, out, 150);
        for (int i = 0; i < 150; i++) {
            const double turns = step * (double)(first + i) + phase;
            CHECK(fabs(out[i] - 2.0 * sin(6.283185307179586 * turns)) < 1e-9);
        }
    }
}

static void test_tracing(void)
{
    for (size_t count = 6; count < 60; count += 13) {
        double *row = noise(count, 1.0), *slopes = noise(count, 9.0), *reach = noise(count, 30.0);
        double *out = noise(count, 0.0), *flat = calloc(count, sizeof *flat);
        rk_add_traced(row, slopes, reach, 0.5, 6, 1e-4, out, count);
        for (size_t i = 0; i < count; i++)
            CHECK(isfinite(out[i]));
        memset(out, 0, count * sizeof *out);
        rk_add_traced(row, slopes, flat, 1.0, 6, 1e-4, out, count); /* no reach: as cut */
        for (size_t i = 2; i + 4 < count; i++)
            CHECK(fabs(out[i] - row[i]) < 1e-12);
        free(row), free(slopes), free(reach), free(out), free(flat);
    }
}

static void test_gsm(double scale)
{
    rk_gsm *gsm = calloc(1, sizeof *gsm);
    double energy = 0.0, error = 0.0, frame[RK_GSM_FRAME], given[RK_GSM_FRAME];
    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < RK_GSM_FRAME; i++)
            given[i] = scale * sin(0.05 * (turn * RK_GSM_FRAME + i));
        memcpy(frame, given, sizeof frame);
        rk_gsm_recode(gsm, frame);
        for (int i = 0; i < RK_GSM_FRAME; i++) {
            CHECK(isfinite(frame[i]));
            energy += turn > 10 ? given[i] * given[i] : 0.0;
            error += turn > 10 ? (frame[i] - given[i]) * (frame[i] - given[i]) : 0.0;
        }
    }
    CHECK(scale < 1000.0 || error < 0.1 * energy); /* a tone comes through */
    free(gsm);
}

static void test_quantisers(double scale)
{
    enum { BANDS = 3, SIZE = 20, COUNT = 2 };
    const int64_t edges[BANDS + 1] = {0, 2, 7, 18};
    double *spread = noise(BANDS * BANDS, 1.0), *work = noise(2 * BANDS, 1.0);
    const double quiet[BANDS] = {1e-9, 1e-9, 1e-9};
    for (int i = 0; i < BANDS * BANDS; i++)
        spread[i] = fabs(spread[i]);
    const rk_perceptual layout = {edges, spread, quiet, BANDS, 32.0, 4.0, -80, 160};
    double *steps = noise(COUNT * SIZE, 1.0), last = -1.0;
    for (double bits = 1e5; bits > 30.0; bits /= 7.0) {
        double *parts = noise(COUNT * SIZE, scale);
        const double used = rk_perceptual_quantise(&layout, parts, COUNT, SIZE, bits, steps, work);
        CHECK(used <= bits || used == 32.0 || scale > 1e6);
        CHECK(parts[18] == 0.0 && parts[19] == 0.0);
        CHECK(isfinite(parts[0]));
        last = used;
        free(parts);
    }
    CHECK(last >= 32.0);
    enum { ROUNDS = 2, ENTRIES = 5, LONGEST = 11 };
    double *books = noise(ROUNDS * ENTRIES * LONGEST, 1.0), *powers = noise(ROUNDS * ENTRIES * LONGEST, 1.0);
    for (int row = 0; row < ROUNDS * ENTRIES; row++) {
        double power = 0.0;
        for (int i = 0; i < LONGEST; i++) {
            power += books[row * LONGEST + i] * books[row * LONGEST + i];
            powers[row * LONGEST + i] = power;
        }
    }
    double *spectrum = noise(SIZE, scale), *rest = noise(2 * LONGEST, 1.0), before = 0.0, after = 0.0;
    for (int i = 0; i < 18; i++)
        before += spectrum[i] * spectrum[i];
    rk_residual_quantise(spectrum, edges, BANDS, books, powers, ROUNDS, ENTRIES, LONGEST, 16, rest);
    for (int i = 0; i < 18; i++)
        after += spectrum[i] * spectrum[i];
    CHECK(fabs(after - before) <= 1e-9 * before); /* parts keep their energy */
    free(spread), free(work), free(steps), free(books), free(powers), free(spectrum), free(rest);
}

static void test_levels(void)
{
    const rk_level_settings settings = {0.01, 0.001, 0.1, 30.0, 1.0};
    float row[3000], out[3000];
    for (int i = 0; i < 3000; i++)
        row[i] = (float)(0.02 * next());
    double level = 0.1;
    for (int turn = 0; turn < 20; turn++)
        level = rk_follow(row, level, &settings, out, 3000);
    CHECK(level > 0.005 && level < 0.02);
    CHECK(fabs((double)out[2999] - (double)row[2999] * 0.1 / level) < 0.05);
}

int main(void)
{
    test_moved_reading();
    test_waves();
    test_tracing();
    test_levels();
    for (double scale = 0.0; scale < 40000.0; scale = 7.0 * scale + 0.3) {
        test_gsm(scale);
        test_quantisers(scale);
    }
    printf("degradations, %d failures\n", failures);
    return failures != 0;
}

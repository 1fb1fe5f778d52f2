/* The declicker's tools by themselves, for the sanitizers: every kind of processor, hard signals,
   exactly the memory that they ask for. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "declick.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static const double PI = 3.14159265358979323846;
static unsigned long long state = 1;

static double next(void)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(unsigned)(state >> 33) / 1073741824.0 - 1.0;
}

static double *room(size_t count)
{
    double *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

enum { KINDS = 5 };

/* Music with clicks, silence, a constant, full scale, noise of the least size. */
static double *signal_of(int kind, size_t count)
{
    double *x = room(count), low = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double n = next();
        low = 0.95 * low + 0.05 * n;
        x[i] = kind == 0 ? low + 0.1 * sin(0.03 * (double)i) + 0.001 * n
               : kind == 1 ? 0.0
               : kind == 2 ? 0.5
               : kind == 3 ? (n > 0.0 ? 1.0 : -1.0)
                           : 1e-12 * n;
    }
    for (size_t at = 3000; kind == 0 && at + 40 < count; at += 1501)
        for (size_t i = 0; i < 3 + at % 29; i++)
            x[at + i] += 0.5 * next();
    return x;
}

static void test_transforms(int size)
{
    const size_t half = (size_t)size / 2;
    rk_fft *fft = rk_fft_new(size);
    double *x = signal_of(0, (size_t)size), *spectrum = room((size_t)size + 2);
    double *back = room((size_t)size), *work = room(rk_fft_workspace(fft));
    rk_fft_forward(fft, x, spectrum, work);
    for (size_t k = 0; k <= half; k += 1 + half / 7) {
        double re = 0.0, im = 0.0;
        for (size_t i = 0; i < (size_t)size; i++) {
            const double angle = 2.0 * PI * (double)(k * i % (size_t)size) / size;
            re += x[i] * cos(angle);
            im -= x[i] * sin(angle);
        }
        CHECK(fabs(re - spectrum[2 * k]) < 1e-11 * size);
        CHECK(fabs(im - spectrum[2 * k + 1]) < 1e-11 * size);
    }
    rk_fft_backward(fft, spectrum, back, work);
    for (size_t i = 0; i < (size_t)size; i++)
        CHECK(fabs(back[i] - x[i]) < 1e-13);
    const size_t lags = half / 2, count = (size_t)size - lags + 1;
    rk_fft_autocorrelate(fft, x, count, back, lags, work);
    for (size_t l = 0; l < lags; l += 1 + lags / 5) {
        double sum = 0.0;
        for (size_t i = 0; i + l < count; i++)
            sum += x[i] * x[i + l];
        CHECK(fabs(sum - back[l]) < 1e-11 * size);
    }
    free(x), free(spectrum), free(back), free(work);
    rk_fft_free(fft);
}

static const double TAPS[5] = {0.1, 0.2, 0.4, 0.2, 0.1};

static rk_detector_plan plan_of(int factor, int order)
{
    return (rk_detector_plan){factor, order, 256, 40, 44, 33, 66, 16, 4, 2, 50, 11025.0,
                              5.0, factor == 1 ? 7.0 : 0.0, 0.3, 1.6, 5.0, 6.0, 1.0, 3.0, 100.0,
                              20.0, 9.3e-10, TAPS, factor == 1 ? 1 : 5};
}

static void free_features(rk_features *features, int count)
{
    for (int i = 0; i < count; i++) {
        free(features[i].wave);
        free(features[i].levels);
        free(features[i].facts);
    }
}

/* Search one signal; how many clicks, or an error. */
static int search(const rk_detector *d, const double *x, size_t length, int most, int seen)
{
    rk_click clicks[64];
    rk_features features[64];
    const size_t reach = rk_detector_reach(d);
    double *work = room(rk_detector_workspace(d, length));
    for (int i = 0; i < most; i++)
        features[i] = (rk_features){calloc(RK_WAVE_CHANNELS * RK_WAVE_LENGTH, sizeof(float)),
                                    calloc(RK_LEVEL_CHANNELS * RK_LEVEL_BLOCKS, sizeof(float)),
                                    calloc(RK_FACTS, sizeof(float))};
    const int count = rk_find_clicks(d, x, length, reach, length - reach, 3.0, clicks,
                                     seen ? features : NULL, (size_t)most, work);
    for (int i = 0; i < count; i++) {
        CHECK(clicks[i].strength > 3.0 && clicks[i].stop > clicks[i].start);
        for (int j = 0; seen && j < RK_FACTS; j++)
            CHECK(isfinite(features[i].facts[j]));
        for (int j = 0; seen && j < RK_WAVE_CHANNELS * RK_WAVE_LENGTH; j++)
            CHECK(isfinite(features[i].wave[j]));
    }
    free_features(features, most);
    free(work);
    return count;
}

static void test_detectors(const rk_declick_loops *loops)
{
    for (int factor = 1; factor <= 3; factor += 2)
        for (int order = 8; order <= 128; order += 40) {
            rk_detector *d;
            const rk_detector_plan plan = plan_of(factor, order);
            CHECK(rk_detector_new(&plan, &d) == 0);
            d->loops = loops;
            const size_t length = 2 * rk_detector_reach(d) + (size_t)(777 * factor);
            for (int kind = 0; kind < KINDS; kind++) {
                double *x = signal_of(kind, length);
                const int found = search(d, x, length, 64, 1);
                CHECK(found >= 0);
                CHECK(kind != 1 || found == 0);
                CHECK(search(d, x, length, 64, 0) == found);
                if (found > 1)
                    CHECK(search(d, x, length, 1, 1) == RK_TOO_LARGE);
                free(x);
            }
            double few[1] = {0.0};
            CHECK(rk_find_clicks(d, few, 1, 0, 1, 3.0, NULL, NULL, 0, NULL) == RK_BAD_SHAPE);
            rk_detector_free(d);
        }
}

static void test_gaps(const rk_declick_loops *loops)
{
    const rk_gaps_plan plan = {8, 96, 1000, 20, 180, 2000, 2.0};
    rk_gaps *g;
    CHECK(rk_gaps_new(&plan, &g) == 0);
    g->loops = loops;
    const size_t length = 2600;
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t width = 1; width < 150; width += 37)
            for (int again = 0; again < 2; again++) {
                double *x = signal_of(kind, length);
                double *work = room(rk_gaps_workspace(g, width));
                CHECK(rk_fill_gap(g, x, length, 1300, 1300 + width, again, work) >= 0);
                for (size_t i = 0; i < width; i++)
                    CHECK(isfinite(x[1300 + i]));
                CHECK(rk_fill_gap(g, x, length, 10, 10 + width, again, work) == RK_BAD_SHAPE);
                CHECK(rk_fill_gap(g, x, length, length - width, length, again, work)
                      == RK_BAD_SHAPE);
                free(x);
                free(work);
            }
    rk_gaps_free(g);
}

static void test_thumps(const rk_declick_loops *loops)
{
    enum { NUMBERS = 3, COUNT = 60, LENGTH = 8000 };
    double rows[NUMBERS * COUNT], weights[RK_MOST_SHAPES];
    for (int k = 0; k < NUMBERS; k++)
        for (int i = 0; i < COUNT; i++)
            rows[k * COUNT + i] = exp(-i / 15.0) * cos(PI * i * k / 15.0) * (1.0 - exp(-i / 2.0));
    const rk_shapes shapes = {rows, NUMBERS, COUNT};
    const rk_thumps_plan plan = {
        .factor = 4, .order = 12, .context = 90, .longest = COUNT, .energy_rise = 20,
        .later = 40, .earlier = 30, .known = 100, .history = 2000, .step = 100, .reach = 500,
        .taps = TAPS, .tap_count = 5, .shapes = {shapes, shapes, shapes, shapes},
        .tried = {1, 0, 2, 3}, .sizes = {1.0, 16.0, 250.0}, .rise_factor = 2.0,
        .least_evidence = 10.0, .later_share = 0.9, .earlier_share = 1.2, .left_share = 0.5,
        .small_share = 0.02, .most_left = 20.0, .similar_share = 0.9, .floor = 1e-12,
        .ridge = 1e-10};
    rk_thumps *t;
    int found = 0, number;
    CHECK(rk_thumps_new(&plan, &t) == 0);
    t->loops = loops;
    double *work = room(rk_thumps_workspace(t));
    for (int kind = 0; kind < KINDS; kind++)
        for (int turn = 0; turn < 2; turn++) {
            double *x = signal_of(kind == 0 ? 4 : kind, LENGTH);
            for (int i = 0; kind == 0 && i < 4 * COUNT; i++)
                x[5000 + i] += 1e-3 * next() + exp(-i / 60.0) * cos(PI * i / 60.0);
            const int done = rk_find_thump(t, x, LENGTH, 5000, 5000, &number, weights, work);
            CHECK(done >= 0);
            found += done;
            CHECK(rk_find_thump(t, x, LENGTH, 100, 5000, &number, weights, work) == RK_BAD_SHAPE);
            free(x);
        }
    printf("%d swings, ", found);
    free(work);
    rk_thumps_free(t);
}

static void test_orders(void)
{
    for (size_t count = 1; count < 70; count++) {
        double values[70], numbers[70], sorted[70];
        for (size_t i = 0; i < count; i++) {
            values[i] = sorted[i] = floor(4.0 * next());
            numbers[i] = (double)i;
        }
        rk_sort_by(numbers, count, values);
        for (size_t i = 1; i < count; i++) {
            const size_t a = (size_t)numbers[i - 1], b = (size_t)numbers[i];
            CHECK(values[a] > values[b] || (values[a] == values[b] && a < b));
        }
        const double low = values[(size_t)numbers[count / 2]];
        const double high = values[(size_t)numbers[(count - 1) / 2]];
        CHECK(rk_median(sorted, count) == 0.5 * (low + high));
    }
}

int main(void)
{
    const int sizes[] = {8, 16, 24, 40, 48, 120, 200, 600, 1024, 2048, 4608};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        test_transforms(sizes[i]);
    CHECK(rk_fft_new(14) == NULL);
    test_orders();
    for (int place = 0; rk_declick_loops_at(place) != NULL; place++) {
        test_detectors(rk_declick_loops_at(place));
        test_gaps(rk_declick_loops_at(place));
        test_thumps(rk_declick_loops_at(place));
        printf("%s, ", rk_declick_loops_at(place)->name);
    }
    printf("%d failures\n", failures);
    return failures != 0;
}

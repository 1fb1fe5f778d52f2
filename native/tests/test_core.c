/* The core by itself, for the sanitizers: every way through the tiles, streams in random blocks, and
   random networks, most of which cannot be. scripts/native-tests builds and runs it. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

static int failures;

#define CHECK(held)                                                                               \
    do {                                                                                          \
        if (!(held)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #held);                                     \
            failures++;                                                                           \
        }                                                                                         \
    } while (0)

static unsigned long long state = 1;

static unsigned next(unsigned below)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state >> 33) % below;
}

static float *noise(size_t count)
{
    float *values = malloc((count ? count : 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)next(2001) / 1000.0f - 1.0f;
    return values;
}

/* One value of a convolution with zeros around, in double precision. */
static double plain(const float *x, int frames, int width, int in, const rk_convolution *shape,
                    const float *w, int t, int f, int k)
{
    double sum = 0;
    for (int a = 0; a < shape->taps_time; a++)
        for (int b = 0; b < shape->taps_width; b++) {
            const int row = t + (a - shape->taps_time / 2) * shape->dilation_time;
            const int place = f * shape->stride + b * shape->dilation_width - shape->padding;
            if (row < 0 || row >= frames || place < 0 || place >= width)
                continue;
            for (int c = 0; c < in; c++)
                sum += (double)x[(row * width + place) * in + c]
                       * (double)w[((k * in + c) * shape->taps_time + a) * shape->taps_width + b];
        }
    return sum;
}

static rk_stream *started(const rk_network *network, int width, int output, int block, int whole)
{
    rk_stream *stream = NULL;
    const rk_plan plan = {&width, &output, 1, block, whole};
    return rk_stream_new(network, &plan, &stream) ? NULL : stream;
}

static void compare(const rk_rows *rows, const rk_convolution *shape, int in, int width,
                    int frames)
{
    const size_t taps = (size_t)(shape->taps_time * shape->taps_width * in);
    float *x = noise((size_t)(frames * width * in)), *bias = noise((size_t)shape->channels);
    float *w = noise(taps * (size_t)shape->channels);
    rk_network *network = rk_network_new();
    network->rows = rows;
    const int given = rk_add_input(network, in);
    const int layer = rk_add_convolution(network, given, shape, w, bias);
    rk_stream *stream = started(network, width, layer, frames, 1);
    CHECK(stream != NULL);
    const int out = rk_width(stream, 0), channels = shape->channels;
    float *y = noise((size_t)(frames * out * channels));
    CHECK(rk_run(stream, (const float *const *)&x, &y, frames) == 0);
    for (int t = 0; t < frames; t++)
        for (int f = 0; f < out; f++)
            for (int k = 0; k < channels; k++) {
                double value = bias[k] + plain(x, frames, width, in, shape, w, t, f, k);
                value = shape->activation == RK_RELU && value < 0 ? 0 : value;
                if (shape->residual)
                    value += x[(t * width + f) * in + k];
                CHECK(fabs(value - (double)y[(t * out + f) * channels + k]) < 1e-4);
            }
    rk_stream_free(stream);
    rk_network_free(network);
    free(x);
    free(w);
    free(bias);
    free(y);
}

static void test_convolutions(void)
{
    static const int CHANNELS[] = {1, 3, 4, 7, 8, 12, 16, 17, 20, 24, 32, 48, 64};
    static const int WIDTHS[] = {1, 2, 4, 5, 7, 13, 29, 64};
    const rk_rows *rows;
    for (int kind = 0; (rows = rk_rows_at(kind)) != NULL; kind++)
        for (size_t c = 0; c < sizeof CHANNELS / sizeof *CHANNELS; c++)
            for (size_t w = 0; w < sizeof WIDTHS / sizeof *WIDTHS; w++) {
                const int k = CHANNELS[c];
                const rk_convolution same = {k, 3, 3, 1, 2, 2, 2, RK_RELU, 1};
                const rk_convolution strided = {k, 1, 3, 2, 1, 1, 1, RK_LINEAR, 0};
                const rk_convolution upright = {k, 3, WIDTHS[w], 1, 1, 1, 0, RK_RELU, 0};
                const rk_convolution close = {k, 1, 3, 1, 1, 1, 1, RK_LINEAR, 0};
                const rk_convolution wide = {k, 3, 3, 1, 1, 3, 3, RK_RELU, 1};
                compare(rows, &same, k, WIDTHS[w], 5);
                compare(rows, &close, k, WIDTHS[w], 5);
                compare(rows, &wide, k, WIDTHS[w], 5);
                if (k == 16)
                    compare(rows, &same, k, WIDTHS[w], 133);
                compare(rows, &strided, 3, WIDTHS[w], 5);
                compare(rows, &upright, 2, WIDTHS[w], 5);
            }
}

/* A network with branches that are late by different frames. */
static rk_network *branched(int *output)
{
    float *w = noise(9 * 8 * 8), *bias = noise(8);
    rk_network *network = rk_network_new();
    const rk_convolution first = {8, 3, 3, 1, 3, 1, 1, RK_SILU, 0};
    const rk_convolution second = {8, 3, 3, 2, 1, 1, 1, RK_SOFTPLUS, 0};
    const int x = rk_add_input(network, 2);
    const int a = rk_add_convolution(network, x, &first, w, bias);
    const int b = rk_add_convolution(network, a, &second, w, bias);
    const int c = rk_add_widened(network, a, b);
    const int all[] = {x, c, a};
    *output = rk_add_joined(network, all, 3);
    free(w);
    free(bias);
    return network;
}

enum { FRAMES = 200, WIDTH = 11, IN = 2, OUT = 18 };

/* A stream that takes another one's state over says what that one would have said. */
static void resume_half_way(const rk_network *network, int output, const float *x,
                            const float *expected)
{
    enum { HALF = 77 };
    rk_stream *one = started(network, WIDTH, output, 16, 0);
    rk_stream *other = started(network, WIDTH, output, 16, 0);
    float *found = noise(FRAMES * WIDTH * OUT), *state = noise(rk_state_size(one));
    rk_run(one, &x, &found, HALF);
    rk_save(one, state);
    rk_resume(other, state);
    const float *from = x + HALF * WIDTH * IN;
    float *to = found + HALF * WIDTH * OUT;
    rk_run(other, &from, &to, FRAMES - HALF);
    CHECK(memcmp(found, expected, FRAMES * WIDTH * OUT * sizeof(float)) == 0);
    rk_stream_free(one);
    rk_stream_free(other);
    free(found);
    free(state);
}

static void test_streams(void)
{
    int output;
    rk_network *network = branched(&output);
    float *x = noise(FRAMES * WIDTH * IN), *expected = noise(FRAMES * WIDTH * OUT);
    rk_stream *stream = started(network, WIDTH, output, 64, 0);
    CHECK(rk_late(stream, 0) == 4);
    rk_run(stream, (const float *const *)&x, &expected, FRAMES);
    rk_stream_free(stream);
    for (int block = 1; block < 70; block += 17) {
        float *found = noise(FRAMES * WIDTH * OUT);
        stream = started(network, WIDTH, output, block, 0);
        for (int turn = 0; turn < 2; turn++) {
            for (size_t at = 0; at < FRAMES;) {
                size_t now = next(40);
                now = now > FRAMES - at ? FRAMES - at : now;
                const float *from = x + at * WIDTH * IN;
                float *to = found + at * WIDTH * OUT;
                CHECK(rk_run(stream, &from, &to, now) == 0);
                at += now;
            }
            CHECK(memcmp(found, expected, FRAMES * WIDTH * OUT * sizeof(float)) == 0);
            rk_restart(stream);
        }
        rk_stream_free(stream);
        free(found);
    }
    resume_half_way(network, output, x, expected);
    rk_network_free(network);
    free(x);
    free(expected);
}

static void test_wholes(void)
{
    enum { COUNT = 30, PLACES = 5, CHANNELS = 4 };
    float *x = noise(COUNT * PLACES * CHANNELS), *w = noise(2 * CHANNELS * CHANNELS);
    float *bias = noise(CHANNELS), *y = noise(COUNT * PLACES * CHANNELS);
    rk_network *network = rk_network_new();
    const int layer = rk_add_summary(network, rk_add_input(network, CHANNELS), w, bias);
    CHECK(started(network, PLACES, layer, COUNT, 0) == NULL);
    rk_stream *stream = started(network, PLACES, layer, COUNT, 1);
    for (size_t frames = 0; frames <= COUNT; frames += 10)
        CHECK(rk_run(stream, (const float *const *)&x, &y, frames) == 0);
    CHECK(rk_run(stream, (const float *const *)&x, &y, COUNT + 1) == RK_TOO_LARGE);
    rk_stream_free(stream);
    rk_network_free(network);
    free(x);
    free(w);
    free(bias);
    free(y);
}

/* Add a random layer; whatever its numbers, weights are as long as they ask for. */
static void add_random(rk_network *network)
{
    const int one = (int)next((unsigned)network->count + 2) - 1;
    const int other = (int)next((unsigned)network->count + 1);
    const int in = rk_channels(network, one);
    rk_convolution shape = {(int)next(9),     (int)next(5), (int)next(5), (int)next(3),
                            (int)next(4),     (int)next(4), (int)next(7) - 1,
                            (rk_activation)next(4), (int)next(2)};
    if (next(3) == 0)
        shape.padding = shape.dilation_width * (shape.taps_width / 2);
    float *w = noise(2000), *bias = noise(16);
    const int kind = (int)next(6), inputs[] = {one, other};
    if (kind == 0)
        rk_add_input(network, (int)next(9) - 1);
    else if (kind == 1)
        rk_add_widened(network, one, other);
    else if (kind == 2 && in <= 8)
        rk_add_joined(network, inputs, (int)next(3));
    else if (kind == 3 && in <= 8)
        rk_add_summary(network, one, w, bias);
    else if (in <= 8)
        rk_add_convolution(network, one, &shape, w, bias);
    free(w);
    free(bias);
}

static int test_random_networks(void)
{
    int ran = 0;
    for (int number = 0; number < 4000; number++) {
        rk_network *network = rk_network_new();
        const float *inputs[RK_MOST_LAYERS];
        int widths[RK_MOST_LAYERS], outputs[1];
        for (int i = 0, layers = 1 + (int)next(8); i < layers; i++)
            add_random(network);
        const int count = rk_inputs(network), frames = (int)next(40);
        for (int i = 0; i < count; i++) {
            widths[i] = (int)next(12);
            inputs[i] = noise((size_t)(frames * widths[i] * rk_channels(network, rk_input(network, i))));
        }
        outputs[0] = (int)next((unsigned)network->count + 1);
        const rk_plan plan = {widths, outputs, 1, (int)next(60), (int)next(2)};
        rk_stream *stream = NULL;
        if (rk_stream_new(network, &plan, &stream) == 0) {
            const size_t out = (size_t)(rk_width(stream, 0) * rk_channels(network, outputs[0]));
            float *made = noise((size_t)frames * out);
            for (int turn = 0; turn < 3; turn++)
                ran += rk_run(stream, inputs, &made, (size_t)frames) == 0;
            rk_stream_free(stream);
            free(made);
        }
        for (int i = 0; i < count; i++)
            free((void *)inputs[i]);
        rk_network_free(network);
    }
    return ran;
}

int main(void)
{
    test_convolutions();
    test_streams();
    test_wholes();
    const int ran = test_random_networks();
    CHECK(ran > 100);
    printf("%s, %d runs of random networks, %d failures\n", rk_instructions(), ran, failures);
    return failures != 0;
}

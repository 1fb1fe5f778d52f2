#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "lined_up.h"
#include "winograd.h"

/* A hundred times what the largest network here has. */
static const size_t MOST_WEIGHTS = (size_t)1 << 26;

rk_network *rk_network_new(void)
{
    rk_network *network = calloc(1, sizeof *network);
    if (network != NULL)
        network->rows = rk_best_rows();
    return network;
}

static void drop(rk_layer *layer)
{
    free(layer->weight_memory);
    free(layer->part_memory);
    free(layer->bias);
}

void rk_network_free(rk_network *network)
{
    if (network == NULL)
        return;
    for (int i = 0; i < network->count; i++)
        drop(&network->layers[i]);
    free(network);
}

int rk_inputs(const rk_network *network)
{
    int count = 0;
    for (int i = 0; i < network->count; i++)
        count += network->layers[i].kind == RK_INPUT;
    return count;
}

int rk_input(const rk_network *network, int input)
{
    for (int i = 0; i < network->count; i++)
        if (network->layers[i].kind == RK_INPUT && input-- == 0)
            return i;
    return RK_NO_SUCH_LAYER;
}

static int is_layer(const rk_network *network, int layer)
{
    return layer >= 0 && layer < network->count;
}

int rk_channels(const rk_network *network, int layer)
{
    return is_layer(network, layer) ? network->layers[layer].channels : RK_NO_SUCH_LAYER;
}

/* Return the place for another layer, or NULL; it counts once `added` is called. */
static rk_layer *next(rk_network *network, rk_kind kind, int channels)
{
    if (network->count >= RK_MOST_LAYERS || channels > RK_MOST_CHANNELS)
        return NULL;
    rk_layer *layer = &network->layers[network->count];
    memset(layer, 0, sizeof *layer);
    layer->kind = kind;
    layer->channels = channels;
    return layer;
}

static int added(rk_network *network)
{
    return network->count++;
}

int rk_add_input(rk_network *network, int channels)
{
    if (channels < 1)
        return RK_BAD_SHAPE;
    return next(network, RK_INPUT, channels) == NULL ? RK_TOO_LARGE : added(network);
}

static int check_convolution(const rk_convolution *shape, int channels_in)
{
    if (shape->channels < 1 || shape->taps_time < 1 || shape->taps_time % 2 == 0
        || shape->taps_width < 1 || shape->stride < 1 || shape->dilation_time < 1
        || shape->dilation_width < 1 || shape->padding < 0 || shape->activation < RK_LINEAR
        || shape->activation > RK_SOFTPLUS)
        return RK_BAD_SHAPE;
    if (shape->taps_time > RK_MOST_KERNEL || shape->taps_width > RK_MOST_KERNEL
        || shape->channels > RK_MOST_CHANNELS || shape->stride > RK_MOST_WIDTH
        || shape->padding > RK_MOST_WIDTH || shape->dilation_time > RK_MOST_DILATION
        || shape->dilation_width > RK_MOST_DILATION)
        return RK_TOO_LARGE;
    /* What is added must have the same places: the tap in the middle lies on the place itself. */
    const int same = shape->stride == 1 && shape->taps_width % 2 == 1
                     && shape->padding == shape->dilation_width * (shape->taps_width / 2);
    if (shape->residual && (!same || shape->channels != channels_in))
        return RK_BAD_SHAPE;
    return 0;
}

/* Lay weights out as rows read them: groups of vectors, filled up with zeros. */
static void pack(const rk_layer *layer, const rk_rows *rows, int channels_in, size_t taps,
                 const float *weights, float *packed)
{
    const int vectors = (layer->channels + rows->lanes - 1) / rows->lanes;
    const size_t group = (size_t)(rk_vectors_of_group(vectors) * rows->lanes);
    const size_t in = (size_t)channels_in, out = (size_t)layer->channels;
    for (size_t k = 0; k < out; k++) {
        float *to = packed + k / group * group * taps * in + k % group;
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t c = 0; c < in; c++)
                to[(tap * in + c) * group] = weights[(k * in + c) * taps + tap];
    }
}

/* What Winograd's filtering multiplies by: each part is a mean of the three taps over the width. */
static int pack_parts(rk_layer *layer, const rk_rows *rows, int channels_in, const float *weights,
                      size_t all)
{
    static const double OF[RK_TILE_IN][3] = {
        {1.0 / 4, 0, 0},
        {-1.0 / 6, -1.0 / 6, -1.0 / 6},
        {-1.0 / 6, 1.0 / 6, -1.0 / 6},
        {1.0 / 24, 1.0 / 12, 1.0 / 6},
        {1.0 / 24, -1.0 / 12, 1.0 / 6},
        {0, 0, 1},
    };
    const size_t taps = (size_t)layer->shape.taps_time, in = (size_t)channels_in;
    const size_t count = (size_t)layer->channels * in * taps;
    float *part = malloc(count * sizeof(float));
    layer->parts = rk_lined_up(&layer->part_memory, all * (RK_TILE_IN * taps * in + 1));
    if (part == NULL || layer->parts == NULL) {
        free(part);
        return RK_NO_MEMORY;
    }
    for (size_t number = 0; number < RK_TILE_IN; number++) {
        for (size_t i = 0; i < count; i++) {
            double sum = 0.0;
            for (size_t tap = 0; tap < 3; tap++)
                sum += OF[number][tap] * (double)weights[3 * i + tap];
            part[i] = (float)sum;
        }
        pack(layer, rows, channels_in, taps, part, layer->parts + number * all * taps * in);
    }
    layer->nothing = layer->parts + RK_TILE_IN * all * taps * in;
    free(part);
    return 0;
}

static int pack_all(rk_layer *layer, const rk_rows *rows, int channels_in, const float *weights,
                    const float *bias)
{
    const int vectors = (layer->channels + rows->lanes - 1) / rows->lanes;
    const size_t all = (size_t)(vectors * rows->lanes), in = (size_t)channels_in;
    const size_t taps = (size_t)layer->shape.taps_time * (size_t)layer->shape.taps_width;
    if (taps > MOST_WEIGHTS / all / in)
        return RK_TOO_LARGE;
    layer->weights = rk_lined_up(&layer->weight_memory, all * taps * in);
    layer->bias = calloc(all, sizeof(float));
    if (layer->weights == NULL || layer->bias == NULL)
        return RK_NO_MEMORY;
    memcpy(layer->bias, bias, (size_t)layer->channels * sizeof(float));
    pack(layer, rows, channels_in, taps, weights, layer->weights);
    return rk_is_winograd(&layer->shape) ? pack_parts(layer, rows, channels_in, weights, all) : 0;
}

int rk_add_convolution(rk_network *network, int input, const rk_convolution *shape,
                       const float *weights, const float *bias)
{
    const int channels_in = rk_channels(network, input);
    if (channels_in < 0)
        return channels_in;
    const int fault = check_convolution(shape, channels_in);
    if (fault)
        return fault;
    rk_layer *layer = next(network, RK_CONVOLVED, shape->channels);
    if (layer == NULL)
        return RK_TOO_LARGE;
    layer->inputs[layer->input_count++] = input;
    layer->shape = *shape;
    const int packed = pack_all(layer, network->rows, channels_in, weights, bias);
    if (packed) {
        drop(layer);
        return packed;
    }
    return added(network);
}

int rk_add_widened(rk_network *network, int fine, int coarse)
{
    const int channels = rk_channels(network, fine);
    if (!is_layer(network, fine) || !is_layer(network, coarse))
        return RK_NO_SUCH_LAYER;
    if (network->layers[coarse].channels != channels)
        return RK_BAD_SHAPE;
    rk_layer *layer = next(network, RK_WIDENED, channels);
    if (layer == NULL)
        return RK_TOO_LARGE;
    layer->inputs[0] = fine;
    layer->inputs[1] = coarse;
    layer->input_count = 2;
    return added(network);
}

int rk_add_joined(rk_network *network, const int *inputs, int count)
{
    if (count < 1 || count > RK_MOST_INPUTS)
        return RK_BAD_SHAPE;
    int channels = 0;
    for (int i = 0; i < count; i++) {
        if (!is_layer(network, inputs[i]))
            return RK_NO_SUCH_LAYER;
        channels += network->layers[inputs[i]].channels;
    }
    rk_layer *layer = next(network, RK_JOINED, channels);
    if (layer == NULL)
        return RK_TOO_LARGE;
    memcpy(layer->inputs, inputs, (size_t)count * sizeof *inputs);
    layer->input_count = count;
    return added(network);
}

int rk_add_summary(rk_network *network, int input, const float *weights, const float *bias)
{
    const int channels = rk_channels(network, input);
    if (channels < 0)
        return channels;
    rk_layer *layer = next(network, RK_SUMMARISED, channels);
    if (layer == NULL)
        return RK_TOO_LARGE;
    const size_t n = (size_t)channels;
    layer->inputs[layer->input_count++] = input;
    layer->weights = rk_lined_up(&layer->weight_memory, 2 * n * n);
    layer->bias = malloc(n * sizeof(float));
    if (layer->weights == NULL || layer->bias == NULL) {
        drop(layer);
        return RK_NO_MEMORY;
    }
    memcpy(layer->weights, weights, 2 * n * n * sizeof(float));
    memcpy(layer->bias, bias, n * sizeof(float));
    return added(network);
}

#include <stdlib.h>
#include <string.h>

#include "convolve.h"
#include "joining.h"
#include "lined_up.h"
#include "network.h"
#include "plane.h"
#include "summary.h"
#include "winograd.h"

struct rk_stream {
    const rk_network *network;
    size_t block;
    int whole;
    int outputs[RK_MOST_INPUTS];
    int output_count;
    size_t late[RK_MOST_LAYERS];      /* frames by which a plane is late */
    rk_plane planes[RK_MOST_LAYERS];
    ptrdiff_t *taps[RK_MOST_LAYERS];  /* of convolutions */
    int by_tiles[RK_MOST_LAYERS];     /* convolutions that are computed by Winograd */
    float *tiles;                     /* their memory */
    void *tile_memory;
    size_t tile_floats;
    float *scratch;                   /* of summaries */
};

static size_t reach(const rk_layer *layer)
{
    return (size_t)(layer->shape.taps_time / 2) * (size_t)layer->shape.dilation_time;
}

/* How many rows before its own a layer reads an input's. */
static size_t shift(const rk_stream *stream, int layer, int input)
{
    return stream->late[layer] - stream->late[input];
}

/* The width of a convolution's plane, or an error. */
static int convolved_width(const rk_convolution *shape, int width)
{
    const int spread = shape->dilation_width * (shape->taps_width - 1);
    const int room = width + 2 * shape->padding - spread - 1;
    return room < 0 ? RK_BAD_SHAPE : room / shape->stride + 1;
}

/* Find a layer's width, and by how much it is late; return 0 or an error. */
static int place_layer(rk_stream *stream, int number)
{
    const rk_layer *layer = &stream->network->layers[number];
    rk_plane *plane = &stream->planes[number];
    plane->channels = layer->channels;
    const rk_plane *first = &stream->planes[layer->inputs[0]];
    size_t late = 0;
    for (int i = 0; i < layer->input_count; i++)
        if (stream->late[layer->inputs[i]] > late)
            late = stream->late[layer->inputs[i]];
    if (layer->kind == RK_CONVOLVED && !stream->whole)
        late += reach(layer);
    stream->late[number] = late;
    if (layer->kind == RK_INPUT)
        return 0;
    if (layer->kind == RK_SUMMARISED && !stream->whole)
        return RK_NOT_A_STREAM;
    plane->width = layer->kind == RK_CONVOLVED ? convolved_width(&layer->shape, first->width)
                                               : first->width;
    if (plane->width < 1)
        return RK_BAD_SHAPE;
    for (int i = 1; i < layer->input_count; i++) {
        const int width = stream->planes[layer->inputs[i]].width;
        const int needed = layer->kind == RK_WIDENED ? (plane->width + 1) / 2 : plane->width;
        if (width != needed)
            return RK_BAD_SHAPE;
    }
    return plane->width > RK_MOST_WIDTH ? RK_TOO_LARGE : 0;
}

/* Let the planes that a layer reads have the rows and the margins that it looks at. */
static void claim(rk_stream *stream, int number)
{
    const rk_layer *layer = &stream->network->layers[number];
    for (int i = 0; i < layer->input_count; i++) {
        rk_plane *plane = &stream->planes[layer->inputs[i]];
        size_t keep = shift(stream, number, layer->inputs[i]);
        if (layer->kind == RK_CONVOLVED) {
            const size_t around = reach(layer);
            keep += around;
            if (stream->whole && around > plane->tail)
                plane->tail = around;
            if (layer->shape.padding > plane->halo)
                plane->halo = layer->shape.padding;
        }
        if (keep > plane->keep)
            plane->keep = keep;
    }
}

static int allocate(rk_stream *stream, int number)
{
    const rk_layer *layer = &stream->network->layers[number];
    const int made = rk_plane_make(&stream->planes[number], stream->block);
    if (made)
        return made;
    if (layer->kind == RK_SUMMARISED && stream->scratch == NULL) {
        stream->scratch = malloc(3 * (size_t)RK_MOST_CHANNELS * sizeof(float));
        return stream->scratch == NULL ? RK_NO_MEMORY : 0;
    }
    if (layer->kind != RK_CONVOLVED)
        return 0;
    const size_t count = (size_t)layer->shape.taps_time * (size_t)layer->shape.taps_width;
    stream->taps[number] = malloc(count * sizeof(ptrdiff_t));
    if (stream->taps[number] == NULL)
        return RK_NO_MEMORY;
    const rk_plane *from = &stream->planes[layer->inputs[0]];
    if (layer->parts == NULL || !rk_winograd_pays(&layer->shape, from->width)) {
        rk_tap_offsets(layer, from, stream->taps[number]);
        return 0;
    }
    stream->by_tiles[number] = 1;
    rk_winograd_taps(layer, from->channels, from->width, stream->taps[number]);
    const size_t floats = rk_winograd_scratch(layer, stream->network->rows, from->channels,
                                              from->width, stream->block);
    if (floats > stream->tile_floats)
        stream->tile_floats = floats;
    return 0;
}

static int prepare(rk_stream *stream, const rk_plan *plan)
{
    const rk_network *network = stream->network;
    int inputs = 0;
    if (plan->block < 1 || plan->output_count < 1 || plan->output_count > RK_MOST_INPUTS)
        return RK_BAD_SHAPE;
    if (plan->block > RK_MOST_FRAMES)
        return RK_TOO_LARGE;
    stream->block = (size_t)plan->block;
    for (int i = 0; i < network->count; i++) {
        if (network->layers[i].kind == RK_INPUT) {
            if (plan->widths[inputs] < 1 || plan->widths[inputs] > RK_MOST_WIDTH)
                return RK_BAD_SHAPE;
            stream->planes[i].width = plan->widths[inputs++];
        }
        const int placed = place_layer(stream, i);
        if (placed)
            return placed;
        claim(stream, i);
    }
    for (int i = 0; i < plan->output_count; i++)
        if (plan->outputs[i] < 0 || plan->outputs[i] >= network->count)
            return RK_NO_SUCH_LAYER;
    for (int i = 0; i < network->count; i++) {
        const int made = allocate(stream, i);
        if (made)
            return made;
    }
    if (stream->tile_floats > 0)
        stream->tiles = rk_lined_up(&stream->tile_memory, stream->tile_floats);
    return stream->tile_floats > 0 && stream->tiles == NULL ? RK_NO_MEMORY : 0;
}

int rk_stream_new(const rk_network *network, const rk_plan *plan, rk_stream **made)
{
    rk_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return RK_NO_MEMORY;
    stream->network = network;
    stream->whole = plan->whole != 0;
    const int fault = prepare(stream, plan);
    if (fault) {
        rk_stream_free(stream);
        return fault;
    }
    stream->output_count = plan->output_count;
    memcpy(stream->outputs, plan->outputs, (size_t)plan->output_count * sizeof(int));
    *made = stream;
    return 0;
}

void rk_stream_free(rk_stream *stream)
{
    if (stream == NULL)
        return;
    for (int i = 0; i < stream->network->count; i++) {
        rk_plane_free(&stream->planes[i]);
        free(stream->taps[i]);
    }
    free(stream->tile_memory);
    free(stream->scratch);
    free(stream);
}

int rk_late(const rk_stream *stream, int output)
{
    if (output < 0 || output >= stream->output_count)
        return RK_NO_SUCH_LAYER;
    return (int)stream->late[stream->outputs[output]];
}

int rk_width(const rk_stream *stream, int output)
{
    if (output < 0 || output >= stream->output_count)
        return RK_NO_SUCH_LAYER;
    return stream->planes[stream->outputs[output]].width;
}

static void compute(rk_stream *stream, int number, size_t frames)
{
    const rk_layer *layer = &stream->network->layers[number];
    rk_plane *to = &stream->planes[number];
    const int one = layer->inputs[0];
    const rk_plane *from = &stream->planes[one];
    if (layer->kind == RK_CONVOLVED)
        rk_convolve(layer, stream->network->rows, stream->taps[number], from,
                    shift(stream, number, one), to, frames,
                    stream->by_tiles[number] ? stream->tiles : NULL);
    else if (layer->kind == RK_SUMMARISED)
        rk_summarise(from, to, frames, layer->weights, layer->bias, stream->scratch);
    else if (layer->kind == RK_WIDENED)
        rk_add_planes_widened(from, shift(stream, number, one), &stream->planes[layer->inputs[1]],
                              shift(stream, number, layer->inputs[1]), to, frames);
    int first = 0;
    for (int i = 0; layer->kind == RK_JOINED && i < layer->input_count; i++) {
        const int input = layer->inputs[i];
        rk_join_plane(&stream->planes[input], shift(stream, number, input), to, first, frames);
        first += stream->planes[input].channels;
    }
}

/* Run one block: `from` and `to` are moved on. */
static void run_block(rk_stream *stream, const float **from, float **to, size_t frames)
{
    int input = 0;
    for (int i = 0; i < stream->network->count; i++) {
        rk_plane *plane = &stream->planes[i];
        const size_t floats = (size_t)plane->width * (size_t)plane->channels;
        rk_plane_open(plane, frames);
        if (stream->network->layers[i].kind != RK_INPUT) {
            compute(stream, i, frames);
            continue;
        }
        for (size_t t = 0; t < frames; t++)
            memcpy(rk_plane_row(plane, (ptrdiff_t)t), from[input] + t * floats,
                   floats * sizeof(float));
        from[input++] += frames * floats;
    }
    for (int i = 0; i < stream->output_count; i++) {
        const rk_plane *plane = &stream->planes[stream->outputs[i]];
        const size_t floats = (size_t)plane->width * (size_t)plane->channels;
        for (size_t t = 0; t < frames; t++)
            memcpy(to[i] + t * floats, rk_plane_row(plane, (ptrdiff_t)t), floats * sizeof(float));
        to[i] += frames * floats;
    }
    for (int i = 0; i < stream->network->count && !stream->whole; i++)
        rk_plane_close(&stream->planes[i], frames);
}

int rk_run(rk_stream *stream, const float *const *inputs, float *const *outputs, size_t frames)
{
    const float *from[RK_MOST_LAYERS];
    float *to[RK_MOST_INPUTS];
    int count = 0;
    if (stream->whole && frames > stream->block)
        return RK_TOO_LARGE;
    for (int i = 0; i < stream->network->count; i++)
        if (stream->network->layers[i].kind == RK_INPUT) {
            from[count] = inputs[count];
            count++;
        }
    for (int i = 0; i < stream->output_count; i++)
        to[i] = outputs[i];
    /* Rows behind a shorter recording may hold what an earlier one left. */
    if (stream->whole && frames < stream->block)
        rk_restart(stream);
    while (frames > 0) {
        const size_t now = frames < stream->block ? frames : stream->block;
        run_block(stream, from, to, now);
        frames -= now;
    }
    return 0;
}

void rk_restart(rk_stream *stream)
{
    for (int i = 0; i < stream->network->count; i++)
        rk_plane_clear(&stream->planes[i]);
}

size_t rk_state_size(const rk_stream *stream)
{
    size_t floats = 0;
    for (int i = 0; i < stream->network->count; i++)
        floats += rk_plane_kept(&stream->planes[i]);
    return floats;
}

void rk_save(const rk_stream *stream, float *state)
{
    for (int i = 0; i < stream->network->count; i++) {
        rk_plane_save(&stream->planes[i], state);
        state += rk_plane_kept(&stream->planes[i]);
    }
}

void rk_resume(rk_stream *stream, const float *state)
{
    for (int i = 0; i < stream->network->count; i++) {
        rk_plane_resume(&stream->planes[i], state);
        state += rk_plane_kept(&stream->planes[i]);
    }
}

const char *rk_instructions(void)
{
    return rk_best_rows()->name;
}

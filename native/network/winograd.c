#include "winograd.h"

/* Places whose products are computed at once, at least, as the last ones are computed twice; rows whose
   tiles are held at once, at most. */
enum { FEWEST_PLACES = 192, MOST_ROWS = 64 };

int rk_is_winograd(const rk_convolution *shape)
{
    return shape->taps_width == 3 && shape->stride == 1
           && shape->padding == shape->dilation_width;
}

int rk_winograd_pays(const rk_convolution *shape, int width)
{
    const rk_tiling tiling = rk_tiling_of(width, shape->dilation_width);
    return 5 * RK_TILE_IN * tiling.each * tiling.dilation <= 4 * 3 * width;
}

static size_t reach(const rk_layer *layer)
{
    return (size_t)(layer->shape.taps_time / 2) * (size_t)layer->shape.dilation_time;
}

static size_t tiles_of(const rk_layer *layer, int width)
{
    const rk_tiling tiling = rk_tiling_of(width, layer->shape.dilation_width);
    return (size_t)tiling.each * (size_t)tiling.dilation;
}

/* Rows whose products are computed at once. */
static size_t rows_at_once(size_t tiles)
{
    return (FEWEST_PLACES + tiles - 1) / tiles;
}

static size_t filled_up(int channels, const rk_rows *rows)
{
    const size_t lanes = (size_t)rows->lanes;
    return ((size_t)channels + lanes - 1) / lanes * lanes;
}

size_t rk_winograd_scratch(const rk_layer *layer, const rk_rows *rows, int channels_in, int width,
                           size_t frames)
{
    const size_t tiles = tiles_of(layer, width);
    const size_t held = frames < MOST_ROWS ? frames : MOST_ROWS;
    const size_t inside = (held + 2 * reach(layer)) * (size_t)channels_in;
    const size_t products = rows_at_once(tiles) * filled_up(layer->channels, rows);
    return RK_TILE_IN * tiles * (inside + products);
}

void rk_winograd_taps(const rk_layer *layer, int channels_in, int width, ptrdiff_t *taps)
{
    const size_t row = tiles_of(layer, width) * (size_t)channels_in;
    for (int t = 0; t < layer->shape.taps_time; t++)
        taps[t] = (ptrdiff_t)((size_t)t * (size_t)layer->shape.dilation_time * row);
}

/* The products of some rows' tiles, part by part, and their places. */
static void make_rows(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                      const rk_plane *from, size_t shift, rk_plane *to, size_t first, size_t count,
                      const float *v, size_t v_plane, float *m)
{
    const rk_convolution *shape = &layer->shape;
    const rk_tiling tiling = rk_tiling_of(to->width, shape->dilation_width);
    const size_t tiles = tiles_of(layer, to->width), in = (size_t)from->channels;
    const size_t channels = filled_up(to->channels, rows), m_plane = count * tiles * channels;
    const int added = shape->residual && shape->activation <= RK_RELU;
    rk_row row = {.x_step = in, .taps = taps, .tap_count = shape->taps_time,
                  .channels_in = from->channels, .channels = (int)channels,
                  .bias = layer->nothing, .y_step = channels, .count = count * tiles};
    for (size_t part = 0; part < RK_TILE_IN; part++) {
        row.x = v + part * v_plane;
        row.y = m + part * m_plane;
        row.weights = layer->parts + part * channels * in * (size_t)shape->taps_time;
        rows->run(&row);
    }
    for (size_t i = 0; i < count; i++) {
        const ptrdiff_t t = (ptrdiff_t)(first + i);
        const float *residual = added ? rk_plane_row(from, t - (ptrdiff_t)shift) : NULL;
        rows->from_tiles(&tiling, m + i * tiles * channels, channels, m_plane, layer->bias,
                         shape->activation == RK_RELU, residual, rk_plane_row(to, t),
                         to->channels);
    }
}

void rk_convolve_winograd(const rk_layer *layer, const rk_rows *rows, const ptrdiff_t *taps,
                          const rk_plane *from, size_t shift, rk_plane *to, size_t frames,
                          float *scratch)
{
    const rk_tiling tiling = rk_tiling_of(to->width, layer->shape.dilation_width);
    const size_t tiles = tiles_of(layer, to->width), in = (size_t)from->channels;
    const size_t around = reach(layer), once = rows_at_once(tiles);
    for (size_t first = 0; first < frames; first += MOST_ROWS) {
        const size_t now = frames - first < MOST_ROWS ? frames - first : MOST_ROWS;
        const size_t all = now + 2 * around, v_plane = all * tiles * in;
        for (size_t t = 0; t < all; t++)
            rows->to_tiles(&tiling,
                           rk_plane_row(from, (ptrdiff_t)(first + t) - (ptrdiff_t)(shift + around)),
                           from->channels, scratch + t * tiles * in, v_plane);
        for (size_t t = 0; t < now; t += once)
            make_rows(layer, rows, taps, from, shift, to, first + t, now - t < once ? now - t : once,
                      scratch + t * tiles * in, v_plane, scratch + RK_TILE_IN * v_plane);
    }
}

/* Included by rows.c for each kind of processor, with these defined:
   RK_LANES floats in a vector, RK_NAME(name) a name of this kind's own, RK_TARGET what tells the
   compiler, RK_TILE_1, _2 and _3 how many places are computed together where a group of channels
   has one, two or three vectors: as many as there are registers for.

   Each place is the sum over taps, then channels, in this order, in every tile: its bits do not
   depend on which tile it falls into. */

#if RK_LANES > 1
typedef float RK_NAME(vector) __attribute__((vector_size(4 * RK_LANES), aligned(4), may_alias));
typedef int RK_NAME(mask) __attribute__((vector_size(4 * RK_LANES), aligned(4), may_alias));
#else
typedef float RK_NAME(vector);
#endif

RK_TARGET static inline RK_NAME(vector) RK_NAME(rectified)(RK_NAME(vector) a)
{
#if RK_LANES > 1
    return (RK_NAME(vector))((RK_NAME(mask))a & (a > (RK_NAME(vector)){0}));
#else
    return a > 0.0f ? a : 0.0f;
#endif
}

#include "winograd_template.h"

/* Write a group's channels of one place, of which the last may not exist. */
RK_TARGET static void RK_NAME(store)(const rk_row *row, const float *sums, size_t place, int first,
                                     int lanes)
{
    const int rest = row->channels - first;
    float *y = row->y + place * row->y_step + first;
    for (int i = 0; i < (rest < lanes ? rest : lanes); i++) {
        float value = sums[i];
        if (row->rectified)
            value = value > 0.0f ? value : 0.0f;
        if (row->residual != NULL)
            value += row->residual[place * row->x_step + (size_t)(first + i)];
        y[i] = value;
    }
}

#define RK_TILE(NAME, VECTORS, PLACES)                                                            \
    RK_TARGET static void RK_NAME(NAME)(const rk_row *row, size_t place, int first)               \
    {                                                                                             \
        typedef RK_NAME(vector) vector;                                                           \
        vector sums[PLACES][VECTORS];                                                             \
        for (int i = 0; i < PLACES; i++)                                                          \
            for (int v = 0; v < VECTORS; v++)                                                     \
                sums[i][v] = *(const vector *)(row->bias + first + v * RK_LANES);                 \
        const size_t step = row->x_step;                                                          \
        const size_t channels = (size_t)row->channels_in;                                         \
        const float *w = row->weights + (size_t)first * channels * (size_t)row->tap_count;        \
        for (int tap = 0; tap < row->tap_count; tap++) {                                          \
            const float *x = row->x + (ptrdiff_t)(place * step) + row->taps[tap];                 \
            for (size_t c = 0; c < channels; c++) {                                               \
                vector here[VECTORS];                                                             \
                for (int v = 0; v < VECTORS; v++)                                                 \
                    here[v] = *(const vector *)(w + v * RK_LANES);                                \
                w += VECTORS * RK_LANES;                                                          \
                for (int i = 0; i < PLACES; i++) {                                                \
                    const float value = x[(size_t)i * step + c];                                  \
                    for (int v = 0; v < VECTORS; v++)                                             \
                        sums[i][v] += here[v] * value;                                            \
                }                                                                                 \
            }                                                                                     \
        }                                                                                         \
        if (first + VECTORS * RK_LANES > row->channels) {                                         \
            for (int i = 0; i < PLACES; i++)                                                      \
                RK_NAME(store)(row, (const float *)sums[i], place + (size_t)i, first,             \
                               VECTORS * RK_LANES);                                               \
            return;                                                                               \
        }                                                                                         \
        for (int i = 0; i < PLACES; i++)                                                          \
            for (int v = 0; v < VECTORS; v++) {                                                   \
                const size_t at = (size_t)(first + v * RK_LANES);                                 \
                vector sum = sums[i][v];                                                          \
                if (row->rectified)                                                               \
                    sum = RK_NAME(rectified)(sum);                                                \
                if (row->residual != NULL)                                                        \
                    sum += *(const vector *)(row->residual + (place + (size_t)i) * step + at);    \
                *(vector *)(row->y + (place + (size_t)i) * row->y_step + at) = sum;               \
            }                                                                                     \
    }

/* All places of a group. The last tile overlaps the one before it: the same bits again. */
#define RK_GROUP(NAME, TILE, SINGLE, PLACES)                                                      \
    RK_TARGET static void RK_NAME(NAME)(const rk_row *row, int first)                             \
    {                                                                                             \
        if (row->count < PLACES) {                                                                \
            for (size_t place = 0; place < row->count; place++)                                   \
                RK_NAME(SINGLE)(row, place, first);                                               \
            return;                                                                               \
        }                                                                                         \
        for (size_t place = 0; place < row->count; place += PLACES)                               \
            RK_NAME(TILE)(row, place + PLACES <= row->count ? place : row->count - PLACES, first);\
    }

RK_TILE(tile_1, 1, RK_TILE_1)
RK_TILE(tile_2, 2, RK_TILE_2)
RK_TILE(tile_3, 3, RK_TILE_3)
RK_TILE(single_1, 1, 1)
RK_TILE(single_2, 2, 1)
RK_TILE(single_3, 3, 1)
RK_GROUP(group_1, tile_1, single_1, RK_TILE_1)
RK_GROUP(group_2, tile_2, single_2, RK_TILE_2)
RK_GROUP(group_3, tile_3, single_3, RK_TILE_3)

static void RK_NAME(run)(const rk_row *row)
{
    const int vectors = (row->channels + RK_LANES - 1) / RK_LANES;
    const int together = rk_vectors_of_group(vectors);
    for (int first = 0; first < vectors * RK_LANES; first += together * RK_LANES) {
        if (together == 2)
            RK_NAME(group_2)(row, first);
        else if (together == 3)
            RK_NAME(group_3)(row, first);
        else
            RK_NAME(group_1)(row, first);
    }
}

#undef RK_TILE
#undef RK_GROUP
#undef RK_TILE_1
#undef RK_TILE_2
#undef RK_TILE_3
#undef RK_LANES
#undef RK_NAME
#undef RK_TARGET

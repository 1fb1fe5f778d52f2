/* What a network is inside: its layers, in an order in which each follows what it needs. */

#ifndef RESTORACK_NETWORK_H
#define RESTORACK_NETWORK_H

#include "restorack_core.h"
#include "rows.h"

typedef enum { RK_INPUT, RK_CONVOLVED, RK_WIDENED, RK_JOINED, RK_SUMMARISED } rk_kind;

typedef struct {
    rk_kind kind;
    int inputs[RK_MOST_INPUTS];
    int input_count;
    int channels;
    rk_convolution shape; /* of a convolution */
    float *weights;       /* of a convolution in the order in which rows read them */
    float *bias;
    float *parts;         /* the same by Winograd, part after part; NULL where it cannot be */
    const float *nothing; /* zeros behind them, as many as there are lanes of channels */
    void *weight_memory, *part_memory;
} rk_layer;

struct rk_network {
    rk_layer layers[RK_MOST_LAYERS];
    int count;
    const rk_rows *rows;
};

#endif

/* restorack's inference core: small convolutional networks that run over time, in portable C11.

   A network is a list of layers. Each layer makes a plane from planes before it: an array of
   frames x width x channels of float, channels innermost. Frames follow each other in time (or
   are independent items of a batch); width is frequency, or the length of an item.

   A stream runs a network over a recording in blocks of any size. A layer that looks at frames
   around its own speaks so many frames later; where two planes meet, the earlier one waits for
   the later one. The frames before the first are zeros in every plane. Sums have a fixed order:
   on one machine the same frames give the same bits, whatever the blocks.

   Nothing here allocates while it runs, starts threads, prints or keeps global state. A network
   does not change once it is built and may serve many streams in many threads; a stream serves
   one thread at a time. Values are not checked: weights and inputs are to be finite. */

#ifndef RESTORACK_CORE_H
#define RESTORACK_CORE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rk_network rk_network;
typedef struct rk_stream rk_stream;

/* Functions that can fail return one of these, all below zero. */
enum {
    RK_NO_MEMORY = -1,
    RK_NO_SUCH_LAYER = -2, /* a number that is no earlier layer */
    RK_BAD_SHAPE = -3,     /* channels, kernel, stride or width that cannot be */
    RK_TOO_LARGE = -4,     /* over the limits below */
    RK_NOT_A_STREAM = -5   /* a layer that needs all frames at once, or strides in time */
};

enum {
    RK_MOST_LAYERS = 256,
    RK_MOST_INPUTS = 8, /* of a network; of a layer that joins planes */
    RK_MOST_CHANNELS = 4096,
    RK_MOST_KERNEL = 4096, /* taps in one direction */
    RK_MOST_DILATION = 1024,
    RK_MOST_WIDTH = 1 << 16,
    RK_MOST_FRAMES = 1 << 20
};

typedef enum {
    RK_LINEAR = 0,
    RK_RELU,
    RK_SILU,    /* x / (1 + e^-x) */
    RK_SOFTPLUS /* ln(1 + e^x) */
} rk_activation;

/* A convolution over frames and width. */
typedef struct {
    int channels;             /* that it makes */
    int taps_time, taps_width; /* odd in time */
    int stride;               /* over the width */
    int dilation_time, dilation_width;
    int padding;              /* zeros on either side of the width */
    rk_activation activation;
    int residual;             /* not 0: its input is added after the activation */
} rk_convolution;

/* ---- networks --------------------------------------------------------------------------- */

/* A network without layers, or NULL where memory is short. */
rk_network *rk_network_new(void);
void rk_network_free(rk_network *network);

/* These add a layer and return its number, from 0 on, or an error. Weights are copied. */

/* A plane that is given from outside. */
int rk_add_input(rk_network *network, int channels);

/* weights: channels x channels of the input x taps_time x taps_width; bias: channels. */
int rk_add_convolution(rk_network *network, int input, const rk_convolution *shape,
                       const float *weights, const float *bias);

/* The finer plane plus the coarser one, each place of which stands for two of the finer. */
int rk_add_widened(rk_network *network, int fine, int coarse);

/* The channels of several planes, one after the other. */
int rk_add_joined(rk_network *network, const int *inputs, int count);

/* The plane plus a linear map of its channels' means, and of the means over frames of their
   maxima over the width. weights: channels x (2 * channels); bias: channels. */
int rk_add_summary(rk_network *network, int input, const float *weights, const float *bias);

int rk_inputs(const rk_network *network);              /* how many */
int rk_input(const rk_network *network, int input);     /* the layer of one, or an error */
int rk_channels(const rk_network *network, int layer); /* or an error */

/* ---- streams ---------------------------------------------------------------------------- */

/* What a stream is to be. */
typedef struct {
    const int *widths;  /* of the inputs, in the order in which they were added */
    const int *outputs; /* layers whose planes are wanted */
    int output_count;   /* 1 to RK_MOST_INPUTS */
    int block;          /* frames that are computed at once */
    int whole;          /* not 0: each run is a recording of its own, of `block` frames at most;
                           zeros lie on either side of every plane and nothing is late */
} rk_plan;

/* Make a stream; 0, or an error. The network must outlive it. */
int rk_stream_new(const rk_network *network, const rk_plan *plan, rk_stream **made);
void rk_stream_free(rk_stream *stream);

/* Frames by which an output is late, and its width; `output` counts the plan's outputs. */
int rk_late(const rk_stream *stream, int output);
int rk_width(const rk_stream *stream, int output);

/* Take frames, give as many. inputs[i]: frames x width x channels of the i-th input;
   outputs[i]: the same of the i-th output. 0, or RK_TOO_LARGE for a whole above `block`. */
int rk_run(rk_stream *stream, const float *const *inputs, float *const *outputs, size_t frames);

/* Forget all frames, as if the next were the first. */
void rk_restart(rk_stream *stream);

/* All that a stream remembers, as so many floats: write it down, and let a stream of the same plan and
   network go on from it, to the same bits. */
size_t rk_state_size(const rk_stream *stream);
void rk_save(const rk_stream *stream, float *state);
void rk_resume(rk_stream *stream, const float *state);

/* Which instructions this processor's convolutions use: "avx512", "avx2" or "portable". */
const char *rk_instructions(void);

#ifdef __cplusplus
}
#endif
#endif

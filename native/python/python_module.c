/* The core as a Python module, of Python's stable ABI. Checks what Python gives, and lets other
   threads run while it computes. restorack.inference.network is how it is used. */

#include "python_module.h"

#include "restorack_core.h"

static const char NETWORK[] = "restorack.dsp._core.network";
static const char STREAM[] = "restorack.dsp._core.stream";

/* A stream, with the network that it must not outlive. */
typedef struct {
    rk_stream *stream;
    PyObject *network;
    int inputs, outputs;
    size_t in_floats[RK_MOST_INPUTS], out_floats[RK_MOST_INPUTS]; /* of a frame */
    int running;
} held_stream;

PyObject *rk_py_failed(int status)
{
    const char *what = "the layers do not fit each other";
    if (status == RK_NO_MEMORY)
        return PyErr_NoMemory();
    if (status == RK_NO_SUCH_LAYER)
        what = "a layer is named that is no earlier one";
    else if (status == RK_BAD_SHAPE)
        what = "a layer has a shape that cannot be";
    else if (status == RK_TOO_LARGE)
        what = "a layer is too large";
    else if (status == RK_NOT_A_STREAM)
        what = "a layer needs the whole recording at once";
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

static PyObject *numbered(int layer)
{
    return layer < 0 ? rk_py_failed(layer) : PyLong_FromLong(layer);
}

static rk_network *network_of(PyObject *capsule)
{
    return PyCapsule_GetPointer(capsule, NETWORK);
}

static int open_floats(PyObject *object, Py_buffer *view, Py_ssize_t count, int writable)
{
    return rk_py_open(object, view, "f", count, writable);
}

/* Read a sequence of whole numbers; how many, or -1 with an exception. */
static int read_numbers(PyObject *sequence, int *numbers, int most)
{
    const Py_ssize_t count = PySequence_Size(sequence);
    if (count < 0)
        return -1;
    if (count < 1 || count > most) {
        PyErr_Format(PyExc_ValueError, "%zd numbers where 1 to %d are taken", count, most);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        const long value = item == NULL ? -1 : PyLong_AsLong(item);
        Py_XDECREF(item);
        if (PyErr_Occurred())
            return -1;
        numbers[i] = value < 0 || value > RK_MOST_FRAMES ? -1 : (int)value;
    }
    return (int)count;
}

/* ---- networks ------------------------------------------------------------------------------ */

static void free_network(PyObject *capsule)
{
    rk_network_free(PyCapsule_GetPointer(capsule, NETWORK));
}

static PyObject *new_network(PyObject *module, PyObject *ignored)
{
    (void)module;
    (void)ignored;
    rk_network *network = rk_network_new();
    if (network == NULL)
        return PyErr_NoMemory();
    PyObject *capsule = PyCapsule_New(network, NETWORK, free_network);
    if (capsule == NULL)
        rk_network_free(network);
    return capsule;
}

static PyObject *add_input(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule;
    int channels;
    if (!PyArg_ParseTuple(arguments, "Oi", &capsule, &channels))
        return NULL;
    rk_network *network = network_of(capsule);
    return network == NULL ? NULL : numbered(rk_add_input(network, channels));
}

static PyObject *add_convolution(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *weights, *bias;
    rk_convolution shape;
    int input, activation;
    if (!PyArg_ParseTuple(arguments, "Oi(iii)iiiiipOO", &capsule, &input, &shape.channels,
                          &shape.taps_time, &shape.taps_width, &shape.stride,
                          &shape.dilation_time, &shape.dilation_width, &shape.padding, &activation,
                          &shape.residual, &weights, &bias))
        return NULL;
    rk_network *network = network_of(capsule);
    if (network == NULL)
        return NULL;
    if (activation < RK_LINEAR || activation > RK_SOFTPLUS)
        return rk_py_failed(RK_BAD_SHAPE);
    shape.activation = (rk_activation)activation;
    const int channels_in = rk_channels(network, input);
    if (channels_in < 0)
        return rk_py_failed(channels_in);
    if (shape.channels < 1 || shape.channels > RK_MOST_CHANNELS || shape.taps_time < 1
        || shape.taps_time > RK_MOST_KERNEL || shape.taps_width < 1
        || shape.taps_width > RK_MOST_KERNEL)
        return rk_py_failed(RK_BAD_SHAPE);
    const Py_ssize_t taps = (Py_ssize_t)shape.taps_time * shape.taps_width;
    Py_buffer w, b;
    if (open_floats(weights, &w, taps * channels_in * shape.channels, 0) < 0)
        return NULL;
    if (open_floats(bias, &b, shape.channels, 0) < 0) {
        PyBuffer_Release(&w);
        return NULL;
    }
    const int layer = rk_add_convolution(network, input, &shape, w.buf, b.buf);
    PyBuffer_Release(&w);
    PyBuffer_Release(&b);
    return numbered(layer);
}

static PyObject *add_widened(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule;
    int fine, coarse;
    if (!PyArg_ParseTuple(arguments, "Oii", &capsule, &fine, &coarse))
        return NULL;
    rk_network *network = network_of(capsule);
    return network == NULL ? NULL : numbered(rk_add_widened(network, fine, coarse));
}

static PyObject *add_joined(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *sequence;
    int inputs[RK_MOST_INPUTS];
    if (!PyArg_ParseTuple(arguments, "OO", &capsule, &sequence))
        return NULL;
    rk_network *network = network_of(capsule);
    const int count = network == NULL ? -1 : read_numbers(sequence, inputs, RK_MOST_INPUTS);
    return count < 0 ? NULL : numbered(rk_add_joined(network, inputs, count));
}

static PyObject *add_summary(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *weights, *bias;
    int input;
    if (!PyArg_ParseTuple(arguments, "OiOO", &capsule, &input, &weights, &bias))
        return NULL;
    rk_network *network = network_of(capsule);
    if (network == NULL)
        return NULL;
    const int channels = rk_channels(network, input);
    if (channels < 0)
        return rk_py_failed(channels);
    Py_buffer w, b;
    if (open_floats(weights, &w, (Py_ssize_t)2 * channels * channels, 0) < 0)
        return NULL;
    if (open_floats(bias, &b, channels, 0) < 0) {
        PyBuffer_Release(&w);
        return NULL;
    }
    const int layer = rk_add_summary(network, input, w.buf, b.buf);
    PyBuffer_Release(&w);
    PyBuffer_Release(&b);
    return numbered(layer);
}

/* ---- streams ------------------------------------------------------------------------------- */

static void free_stream(PyObject *capsule)
{
    held_stream *held = PyCapsule_GetPointer(capsule, STREAM);
    rk_stream_free(held->stream);
    Py_XDECREF(held->network);
    PyMem_Free(held);
}

/* Make the stream of a new `held_stream`; 0, or -1 with an exception. */
static int start_stream(held_stream *held, const rk_plan *plan)
{
    const rk_network *network = network_of(held->network);
    const int made = rk_stream_new(network, plan, &held->stream);
    if (made) {
        rk_py_failed(made);
        return -1;
    }
    for (int i = 0; i < held->inputs; i++)
        held->in_floats[i] = (size_t)plan->widths[i]
                             * (size_t)rk_channels(network, rk_input(network, i));
    for (int i = 0; i < held->outputs; i++)
        held->out_floats[i] = (size_t)rk_width(held->stream, i)
                              * (size_t)rk_channels(network, plan->outputs[i]);
    return 0;
}

static PyObject *new_stream(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *width_list, *output_list;
    int widths[RK_MOST_INPUTS], outputs[RK_MOST_INPUTS], block, whole;
    if (!PyArg_ParseTuple(arguments, "OOOip", &capsule, &width_list, &output_list, &block, &whole))
        return NULL;
    rk_network *network = network_of(capsule);
    if (network == NULL)
        return NULL;
    const int inputs = read_numbers(width_list, widths, RK_MOST_INPUTS);
    const int count = inputs < 0 ? -1 : read_numbers(output_list, outputs, RK_MOST_INPUTS);
    if (count < 0)
        return NULL;
    if (inputs != rk_inputs(network)) {
        PyErr_SetString(PyExc_ValueError, "there is not one width for each input");
        return NULL;
    }
    held_stream *held = PyMem_Calloc(1, sizeof *held);
    if (held == NULL)
        return PyErr_NoMemory();
    const rk_plan plan = {widths, outputs, count, block, whole};
    held->inputs = inputs;
    held->outputs = count;
    held->network = capsule;
    Py_INCREF(capsule);
    PyObject *made = PyCapsule_New(held, STREAM, free_stream);
    if (made == NULL) {
        Py_DECREF(capsule);
        PyMem_Free(held);
        return NULL;
    }
    if (start_stream(held, &plan) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}

/* Describe a stream's outputs: a tuple of (frames late, width, channels). */
static PyObject *outputs_of(PyObject *module, PyObject *capsule)
{
    (void)module;
    const held_stream *held = PyCapsule_GetPointer(capsule, STREAM);
    if (held == NULL)
        return NULL;
    PyObject *all = PyTuple_New(held->outputs);
    for (int i = 0; all != NULL && i < held->outputs; i++) {
        const int width = rk_width(held->stream, i);
        PyObject *one = Py_BuildValue("(iii)", rk_late(held->stream, i), width,
                                      (int)(held->out_floats[i] / (size_t)width));
        if (one == NULL || PyTuple_SetItem(all, i, one) < 0) {
            Py_DECREF(all);
            return NULL;
        }
    }
    return all;
}

/* The stream of a capsule, if it is not running; else NULL with an exception. */
static held_stream *idle(PyObject *capsule)
{
    held_stream *held = PyCapsule_GetPointer(capsule, STREAM);
    if (held == NULL || !held->running)
        return held;
    PyErr_SetString(PyExc_RuntimeError, "the stream is running in another thread");
    return NULL;
}

/* Open an array for each plane, of so many frames; how many were opened. */
static int open_planes(PyObject *sequence, Py_buffer *views, int count, const size_t *floats,
                       Py_ssize_t frames, int writable)
{
    if (PySequence_Size(sequence) != count) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "there is not one array for each plane");
        return 0;
    }
    for (int i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        const int opened = item == NULL ? -1
                                        : open_floats(item, &views[i],
                                                      frames * (Py_ssize_t)floats[i], writable);
        Py_XDECREF(item); /* the view holds it */
        if (opened < 0)
            return i;
    }
    return count;
}

static int compute(held_stream *held, const Py_buffer *in, const Py_buffer *out,
                   Py_ssize_t frames)
{
    const float *inputs[RK_MOST_INPUTS];
    float *outputs[RK_MOST_INPUTS];
    for (int i = 0; i < held->inputs; i++)
        inputs[i] = in[i].buf;
    for (int i = 0; i < held->outputs; i++)
        outputs[i] = out[i].buf;
    int done;
    Py_BEGIN_ALLOW_THREADS
    done = rk_run(held->stream, inputs, outputs, (size_t)frames);
    Py_END_ALLOW_THREADS
    return done;
}

static PyObject *run(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *in_list, *out_list, *result = NULL;
    Py_ssize_t frames;
    Py_buffer in[RK_MOST_INPUTS], out[RK_MOST_INPUTS];
    if (!PyArg_ParseTuple(arguments, "OnOO", &capsule, &frames, &in_list, &out_list))
        return NULL;
    held_stream *held = idle(capsule);
    if (held == NULL)
        return NULL;
    if (frames < 0 || frames > RK_MOST_FRAMES)
        return rk_py_failed(RK_TOO_LARGE);
    const int ins = open_planes(in_list, in, held->inputs, held->in_floats, frames, 0);
    const int outs = ins < held->inputs ? 0
                                        : open_planes(out_list, out, held->outputs,
                                                      held->out_floats, frames, 1);
    if (ins == held->inputs && outs == held->outputs) {
        held->running = 1;
        const int done = compute(held, in, out, frames);
        held->running = 0;
        result = done < 0 ? rk_py_failed(done) : Py_NewRef(Py_None);
    }
    for (int i = 0; i < ins; i++)
        PyBuffer_Release(&in[i]);
    for (int i = 0; i < outs; i++)
        PyBuffer_Release(&out[i]);
    return result;
}

static PyObject *restart(PyObject *module, PyObject *capsule)
{
    (void)module;
    held_stream *held = idle(capsule);
    if (held == NULL)
        return NULL;
    rk_restart(held->stream);
    return Py_NewRef(Py_None);
}

static PyObject *state_size(PyObject *module, PyObject *capsule)
{
    (void)module;
    held_stream *held = idle(capsule);
    return held == NULL ? NULL : PyLong_FromSize_t(rk_state_size(held->stream));
}

/* Copy a stream's state to an array, or from it. */
static PyObject *move_state(PyObject *arguments, int out)
{
    PyObject *capsule, *array;
    Py_buffer view;
    if (!PyArg_ParseTuple(arguments, "OO", &capsule, &array))
        return NULL;
    held_stream *held = idle(capsule);
    if (held == NULL
        || open_floats(array, &view, (Py_ssize_t)rk_state_size(held->stream), out) < 0)
        return NULL;
    if (out)
        rk_save(held->stream, view.buf);
    else
        rk_resume(held->stream, view.buf);
    PyBuffer_Release(&view);
    return Py_NewRef(Py_None);
}

static PyObject *save(PyObject *module, PyObject *arguments)
{
    (void)module;
    return move_state(arguments, 1);
}

static PyObject *resume(PyObject *module, PyObject *arguments)
{
    (void)module;
    return move_state(arguments, 0);
}

static PyObject *instructions(PyObject *module, PyObject *ignored)
{
    (void)module;
    (void)ignored;
    return PyUnicode_FromString(rk_instructions());
}

/* ---- the module ---------------------------------------------------------------------------- */

static PyMethodDef METHODS[] = {
    {"new_network", new_network, METH_NOARGS, "() -> a network without layers"},
    {"add_input", add_input, METH_VARARGS, "(network, channels) -> layer"},
    {"add_convolution", add_convolution, METH_VARARGS,
     "(network, input, (channels, taps in time, taps over the width), stride, dilation in time, "
     "dilation over the width, padding, activation, residual, weights, bias) -> layer"},
    {"add_widened", add_widened, METH_VARARGS, "(network, fine, coarse) -> layer"},
    {"add_joined", add_joined, METH_VARARGS, "(network, inputs) -> layer"},
    {"add_summary", add_summary, METH_VARARGS, "(network, input, weights, bias) -> layer"},
    {"new_stream", new_stream, METH_VARARGS,
     "(network, widths, outputs, block, whole) -> a stream of it"},
    {"outputs", outputs_of, METH_O, "(stream) -> ((late, width, channels), ...)"},
    {"run", run, METH_VARARGS, "(stream, frames, inputs, outputs): fill the outputs"},
    {"restart", restart, METH_O, "(stream): forget all frames"},
    {"state_size", state_size, METH_O, "(stream) -> floats that it remembers"},
    {"save", save, METH_VARARGS, "(stream, state): fill the array with them"},
    {"resume", resume, METH_VARARGS, "(stream, state): go on from there"},
    {"instructions", instructions, METH_NOARGS, "() -> what the convolutions are compiled for"},
    {NULL, NULL, 0, NULL},
};

static int add_others(PyObject *module)
{
    PyMethodDef *const others[] = {rk_py_declick_methods, rk_py_denoise_methods,
                                   rk_py_degrade_methods, rk_py_filters_methods,
                                   rk_py_frames_methods, rk_py_mask_methods,
                                   rk_py_declip_methods, rk_py_dynamics_methods};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (PyModule_AddFunctions(module, others[i]) < 0)
            return -1;
    return 0;
}

static PyModuleDef_Slot SLOTS[] = {{Py_mod_exec, add_others}, {0, NULL}};

static struct PyModuleDef MODULE = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_core",
    .m_doc = "restorack's native core; see the headers in native/include",
    .m_size = 0,
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&MODULE);
}

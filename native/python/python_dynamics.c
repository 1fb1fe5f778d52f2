/* The dynamics stages' loops as Python has them. */

#include "python_module.h"

#include <math.h>

#include "restorack_dynamics.h"
#include "restorack_room.h"

static PyObject *refused(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

static PyObject *done_with(Py_buffer *views, int count)
{
    rk_py_release_all(views, count);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* (row, taps, width, ceiling, largest, peaks) */
static PyObject *true_peaks(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t width;
    double ceiling, largest;
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOnddO", &objects[0], &objects[1], &width, &ceiling, &largest,
                          &objects[2])
        || rk_py_open_all(objects, views, "ffF", counts) < 0)
        return NULL;
    const Py_ssize_t count = views[2].len / 4, taps = views[1].len / 4;
    if (width < 2 || width > 256 || taps % width != 0 || views[0].len / 4 != count + width - 1) {
        refused("a row is not as long as peaks and taps ask for, or taps are not 2 to 256");
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_true_peaks(views[0].buf, (size_t)count, views[1].buf, (size_t)(taps / width),
                      (size_t)width, ceiling, largest, views[2].buf);
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 3);
}

static int read_limiter(PyObject *given, rk_limiter *settings)
{
    Py_ssize_t boxes[RK_LIMITER_BOXES];
    if (!PyArg_ParseTuple(given, "nnndddd", &boxes[0], &boxes[1], &boxes[2], &settings->fast,
                          &settings->slow, &settings->rise, &settings->least))
        return -1;
    for (int box = 0; box < RK_LIMITER_BOXES; box++) {
        if (boxes[box] < 1 || boxes[box] > 640) {
            refused("a moving average is of 1 to 640 samples");
            return -1;
        }
        settings->boxes[box] = (size_t)boxes[box];
    }
    return 0;
}

/* (settings) -> doubles of a state */
static PyObject *limiter_state(PyObject *module, PyObject *given)
{
    (void)module;
    rk_limiter settings;
    if (!PyTuple_Check(given))
        return refused("settings are a tuple");
    if (read_limiter(given, &settings) < 0)
        return NULL;
    return PyLong_FromSize_t(rk_limiter_state(&settings));
}

/* (settings, state, needed, gains) */
static PyObject *limiter_gains(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *given, *objects[3];
    Py_buffer views[3];
    rk_limiter settings;
    if (!PyArg_ParseTuple(arguments, "O!OOO", &PyTuple_Type, &given, &objects[0], &objects[1],
                          &objects[2])
        || read_limiter(given, &settings) < 0)
        return NULL;
    const Py_ssize_t counts[] = {(Py_ssize_t)rk_limiter_state(&settings), -1, -1};
    if (rk_py_open_all(objects, views, "DdD", counts) < 0)
        return NULL;
    if (views[1].len != views[2].len) {
        refused("there is not as much room as samples");
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_limiter_gains(&settings, views[0].buf, views[1].buf, views[2].buf,
                         (size_t)(views[1].len / 8));
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 3);
}

/* (steps, noise, left, taps, (least, most), errors, out); left of int64 0 and 1 */
static PyObject *shaped_round(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[6];
    Py_buffer views[6];
    double least, most;
    const Py_ssize_t counts[] = {-1, -1, -1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOO(dd)OO", &objects[0], &objects[1], &objects[2],
                          &objects[3], &least, &most, &objects[4], &objects[5])
        || rk_py_open_all(objects, views, "ddqdDD", counts) < 0)
        return NULL;
    const Py_ssize_t size = views[0].len, order = views[3].len;
    if (views[1].len != size || views[2].len != size || views[5].len != size || order < 8
        || views[4].len != order) {
        refused("samples, noise and room, or taps and errors, are not as many");
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_shaped_round(views[0].buf, views[1].buf, views[2].buf, views[3].buf, (size_t)(order / 8),
                        least, most, views[4].buf, views[5].buf, (size_t)(size / 8));
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 6);
}

/* (left, right, (bins, rows, columns, frames), work, out) */
static PyObject *correlations(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t bins, rows, columns, frames;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OO(nnnn)OO", &objects[0], &objects[1], &bins, &rows, &columns,
                          &frames, &objects[2], &objects[3])
        || rk_py_open_all(objects, views, "ffFF", counts) < 0)
        return NULL;
    const int small = bins >= 0 && rows > 0 && columns > 0 && frames >= 0 && bins < 1 << 20
                      && rows < 1 << 12 && columns < 1 << 12 && frames < 1 << 24;
    if (!small || views[0].len != 8 * bins * rows * frames
        || views[1].len != 8 * bins * columns * frames
        || views[2].len != 8 * RK_CORRELATED * frames || views[3].len != 8 * bins * rows * columns) {
        refused("rows, columns and frames are not those of the arrays");
    } else {
        const float *left = views[0].buf, *right = views[1].buf;
        float *out = views[3].buf;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t bin = 0; bin < bins; bin++)
            rk_correlations(left + 2 * bin * rows * frames, (size_t)rows,
                            right + 2 * bin * columns * frames, (size_t)columns, (size_t)frames,
                            views[2].buf, out + 2 * bin * rows * columns);
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 4);
}

PyMethodDef rk_py_dynamics_methods[] = {
    {"true_peaks", true_peaks, METH_VARARGS, "(row, taps, width, ceiling, largest, peaks)"},
    {"limiter_state", limiter_state, METH_O, "(settings) -> doubles of a state"},
    {"limiter_gains", limiter_gains, METH_VARARGS, "(settings, state, needed, gains)"},
    {"shaped_round", shaped_round, METH_VARARGS,
     "(steps, noise, left, taps, (least, most), errors, out)"},
    {"correlations", correlations, METH_VARARGS,
     "(left, right, (bins, rows, columns, frames), work, out)"},
    {NULL, NULL, 0, NULL},
};

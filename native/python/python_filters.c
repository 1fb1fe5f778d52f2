/* Recursive filters as Python has them; restorack.dsp.sections is how they are used. */

#include "python_module.h"

#include "restorack_filters.h"

static PyObject *filter_sections(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t channels;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOOn", &objects[0], &objects[1], &objects[2], &objects[3],
                          &channels)
        || rk_py_open_all(objects, views, "dDdD", counts) < 0)
        return NULL;
    const Py_ssize_t size = sizeof(double), row = 6 * size;
    const Py_ssize_t count = views[0].len / row;
    const Py_ssize_t length = channels < 1 ? 0 : views[3].len / size / channels;
    if (channels < 1 || views[0].len != count * row || views[1].len != 2 * count * channels * size
        || views[3].len != length * channels * size || views[2].len != length * channels * size)
        PyErr_SetString(PyExc_ValueError, "sections, state and samples do not fit each other");
    else {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t c = 0; c < channels; c++)
            rk_filter_sections(views[0].buf, (size_t)count, (double *)views[1].buf + c * 2 * count,
                               (const double *)views[2].buf + c * length,
                               (double *)views[3].buf + c * length, (size_t)length);
        Py_END_ALLOW_THREADS
    }
    rk_py_release_all(views, 4);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyMethodDef rk_py_filters_methods[] = {
    {"filter_sections", filter_sections, METH_VARARGS,
     "(sections, state, samples, out, channels): fill out, and go on with the state"},
    {NULL, NULL, 0, NULL},
};

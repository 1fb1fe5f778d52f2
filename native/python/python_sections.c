/* Recursive filters as Python has them; restorack.dsp.sections is how they are used. */

#include "python_module.h"

#include "restorack_sections.h"

/* (sections, state, samples, channels): samples and state have a row for each channel. */
static PyObject *filter_sections(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t channels;
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOn", &objects[0], &objects[1], &objects[2], &channels)
        || rk_py_open_all(objects, views, "dDD", counts) < 0)
        return NULL;
    const Py_ssize_t double_size = sizeof(double), section = 6 * double_size;
    const Py_ssize_t count = views[0].len / section;
    const Py_ssize_t samples = channels < 1 ? 0 : views[2].len / double_size / channels;
    if (channels < 1 || count * section != views[0].len
        || views[1].len != 2 * count * channels * double_size
        || views[2].len != samples * channels * double_size)
        PyErr_SetString(PyExc_ValueError, "sections, state and samples do not fit each other");
    else {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < channels; row++)
            rk_filter_sections(views[0].buf, (size_t)count,
                               (double *)views[1].buf + 2 * count * row,
                               (double *)views[2].buf + samples * row, (size_t)samples);
        Py_END_ALLOW_THREADS
    }
    rk_py_release_all(views, 3);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyMethodDef rk_py_sections_methods[] = {
    {"filter_sections", filter_sections, METH_VARARGS,
     "(sections, state, samples, channels): filter the samples in place"},
    {NULL, NULL, 0, NULL},
};

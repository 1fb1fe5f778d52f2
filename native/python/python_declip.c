/* Clipped samples restored, as Python has it; restorack.plugins.declip is how it is used. */

#include "python_module.h"

#include "restorack_declip.h"

static const char FFT[] = "restorack.dsp._core.fft";
static const Py_ssize_t DOUBLE = sizeof(double);

/* Whether numbers and arrays are such that nothing lies outside. */
static int fit(const rk_declip_plan *plan, const Py_buffer *views, Py_ssize_t size)
{
    const Py_ssize_t hop = (Py_ssize_t)plan->hop, samples = views[0].len / DOUBLE;
    return hop >= 1 && size % hop == 0 && samples >= size && (samples - size) % hop == 0
           && views[1].len == views[0].len
           && views[2].len / (Py_ssize_t)sizeof(float) == samples
           && views[3].len / DOUBLE == size && views[4].len / DOUBLE == size / 2 + 1
           && plan->steps >= 1 && plan->steps <= 1 << 20
           && plan->frames_beside <= 1 << 10 && plan->bins_beside <= (size_t)size / 2
           && plan->first > 0.0 && plan->last > 0.0 && plan->relaxation > 0.0
           && plan->relaxation < 2.0;
}

/* (fft, x, bound, sides, window, weights, (hop, frames beside, bins beside, steps), (first, last,
   relaxation)) */
static PyObject *declip(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *objects[5];
    Py_buffer views[5];
    Py_ssize_t hop, frames_beside, bins_beside, steps;
    rk_declip_plan plan;
    const Py_ssize_t any[] = {-1, -1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOOOO(nnnn)(ddd)", &capsule, &objects[0], &objects[1],
                          &objects[2], &objects[3], &objects[4], &hop, &frames_beside,
                          &bins_beside, &steps, &plan.first, &plan.last, &plan.relaxation))
        return NULL;
    plan.fft = PyCapsule_GetPointer(capsule, FFT);
    if (plan.fft == NULL || rk_py_open_all(objects, views, "Ddfdd", any) < 0)
        return NULL;
    const Py_ssize_t size = rk_fft_size(plan.fft);
    plan.window = views[3].buf;
    plan.weights = views[4].buf;
    plan.hop = (size_t)hop;
    plan.frames_beside = (size_t)frames_beside;
    plan.bins_beside = (size_t)bins_beside;
    plan.steps = (size_t)steps;
    double *work = NULL;
    if (!fit(&plan, views, size))
        PyErr_SetString(PyExc_ValueError, "frames do not lie in the samples");
    else {
        const size_t frames = (size_t)((views[0].len / DOUBLE - size) / hop + 1);
        work = PyMem_Malloc(rk_declip_workspace(&plan, frames) * sizeof(double));
        if (work == NULL)
            PyErr_NoMemory();
        else {
            Py_BEGIN_ALLOW_THREADS
            rk_declip(&plan, views[0].buf, views[1].buf, views[2].buf, frames, work);
            Py_END_ALLOW_THREADS
        }
    }
    PyMem_Free(work);
    rk_py_release_all(views, 5);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyMethodDef rk_py_declip_methods[] = {
    {"declip", declip, METH_VARARGS,
     "(fft, x, bound, sides, window, weights, (hop, frames beside, bins beside, steps), (first, "
     "last, relaxation)): restore samples of x"},
    {NULL, NULL, 0, NULL},
};

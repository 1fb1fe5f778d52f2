/* Short-time spectra as Python has them; restorack.dsp.frame_transform is how they are used. */

#include "python_module.h"

#include "restorack_frames.h"

static const char FFT[] = "restorack.dsp._core.fft";

static void drop_fft(PyObject *capsule)
{
    rk_fft_free(PyCapsule_GetPointer(capsule, FFT));
}

static PyObject *new_fft(PyObject *module, PyObject *argument)
{
    (void)module;
    const long size = PyLong_AsLong(argument);
    if (PyErr_Occurred())
        return NULL;
    if (size < 8 || size > 1 << 24 || rk_fft_size_from((int)size) != size) {
        PyErr_SetString(PyExc_ValueError, "there are no transforms of this size");
        return NULL;
    }
    rk_fft *made = rk_fft_new((int)size);
    if (made == NULL)
        return PyErr_NoMemory();
    PyObject *capsule = PyCapsule_New(made, FFT, drop_fft);
    if (capsule == NULL)
        rk_fft_free(made);
    return capsule;
}

/* (fft, samples, spectra, window, channels, hop): one way, or the other where `back` is not 0. Both
   have a row for each channel. */
static PyObject *moved(PyObject *arguments, int back)
{
    PyObject *capsule, *objects[3];
    Py_buffer views[3];
    Py_ssize_t channels, hop;
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOOnn", &capsule, &objects[0], &objects[1], &objects[2],
                          &channels, &hop))
        return NULL;
    const rk_fft *fft = PyCapsule_GetPointer(capsule, FFT);
    if (fft == NULL || rk_py_open_all(objects, views, back ? "Ddd" : "fDd", counts) < 0)
        return NULL;
    const Py_ssize_t size = rk_fft_size(fft), double_size = sizeof(double);
    const Py_ssize_t samples = channels < 1 ? 0 : views[0].len / (back ? 8 : 4) / channels;
    const Py_ssize_t frames = channels < 1 ? 0
                                           : views[1].len / double_size / (size + 2) / channels;
    double *work = NULL;
    if (channels < 1 || hop < 1 || views[2].len / double_size != size
        || samples * channels * (back ? 8 : 4) != views[0].len
        || frames * channels * (size + 2) * double_size != views[1].len
        || (frames > 0 && (samples < size || (samples - size) / hop < frames - 1)))
        PyErr_SetString(PyExc_ValueError, "frames do not lie in the samples");
    else if ((work = PyMem_Malloc(rk_frames_workspace(fft) * sizeof(double))) == NULL)
        PyErr_NoMemory();
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < channels; row++) {
            double *spectra = (double *)views[1].buf + row * frames * (size + 2);
            if (back)
                rk_add_frames(fft, spectra, views[2].buf, (size_t)hop, (size_t)frames,
                              (double *)views[0].buf + row * samples, work);
            else
                rk_frame_spectra(fft, (const float *)views[0].buf + row * samples, views[2].buf,
                                 (size_t)hop, (size_t)frames, spectra, work);
        }
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(work);
    rk_py_release_all(views, 3);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *frame_spectra(PyObject *module, PyObject *arguments)
{
    (void)module;
    return moved(arguments, 0);
}

static PyObject *add_frames(PyObject *module, PyObject *arguments)
{
    (void)module;
    return moved(arguments, 1);
}

PyMethodDef rk_py_frames_methods[] = {
    {"new_fft", new_fft, METH_O, "(size) -> a transform"},
    {"frame_spectra", frame_spectra, METH_VARARGS,
     "(fft, samples, spectra, window, channels, hop): fill the spectra"},
    {"add_frames", add_frames, METH_VARARGS,
     "(fft, samples, spectra, window, channels, hop): add to the samples"},
    {NULL, NULL, 0, NULL},
};

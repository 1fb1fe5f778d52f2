/* What the denoising networks see and say, as Python has it; restorack.inference.denoiser_features is
   how it is used. */

#include "python_module.h"

#include "restorack_mask.h"

static const Py_ssize_t SIZE = sizeof(float);

enum { MOST_BINS = 1 << 20 };

/* Whether planes have whole rows of bins, and as many values as they are to have. */
static int fit(const Py_buffer *views, const Py_ssize_t *counts, int number)
{
    for (int i = 0; i < number; i++)
        if (views[i].len != counts[i] * SIZE) {
            PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
            return 0;
        }
    return 1;
}

static Py_ssize_t rows_of(const Py_buffer *view, Py_ssize_t bins)
{
    if (bins >= 1 && bins <= MOST_BINS && view->len % (bins * SIZE) == 0)
        return view->len / (bins * SIZE);
    PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
    return -1;
}

static float *room(size_t floats)
{
    float *work = PyMem_Malloc(floats * sizeof(float));
    if (work == NULL)
        PyErr_NoMemory();
    return work;
}

static PyObject *finished(Py_buffer *views, int count, float *work)
{
    PyMem_Free(work);
    rk_py_release_all(views, count);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* (ratio, bins, facts) */
static PyObject *patch_statistics(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[2];
    Py_buffer views[2];
    Py_ssize_t bins;
    const Py_ssize_t any[] = {-1, -1};
    if (!PyArg_ParseTuple(arguments, "OnO", &objects[0], &bins, &objects[1])
        || rk_py_open_all(objects, views, "fF", any) < 0)
        return NULL;
    const Py_ssize_t frames = rows_of(&views[0], bins), bands = (bins - 1) / RK_PATCH_BINS;
    const Py_ssize_t steps = frames / RK_PATCH_FRAMES;
    const Py_ssize_t counts[] = {steps * RK_PATCH_FRAMES * bins, steps * bands * RK_PATCH_FACTS};
    float *work = frames >= 0 && fit(views, counts, 2) ? room(24 * (size_t)bands + 1) : NULL;
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        rk_patch_statistics(views[0].buf, (size_t)frames, (size_t)bins, (size_t)bands,
                            views[1].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 2, work);
}

/* (patches, bands, bins, skipped, out) */
static PyObject *spread_patches(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[2];
    Py_buffer views[2];
    Py_ssize_t bands, bins, skipped;
    const Py_ssize_t any[] = {-1, -1};
    if (!PyArg_ParseTuple(arguments, "OnnnO", &objects[0], &bands, &bins, &skipped, &objects[1])
        || rk_py_open_all(objects, views, "fF", any) < 0)
        return NULL;
    const Py_ssize_t steps = rows_of(&views[0], bands), frames = RK_PATCH_FRAMES * steps;
    float *work = NULL;
    if (steps >= 0 && (bins < 1 || bins > MOST_BINS || bands > (bins - 1) / RK_PATCH_BINS
                       || skipped < 0 || skipped > frames / 2)) {
        PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
    } else if (steps >= 0) {
        const Py_ssize_t counts[] = {steps * bands, (frames - 2 * skipped) * bins};
        work = fit(views, counts, 2) ? room((size_t)bands) : NULL;
    }
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        rk_spread_patches(views[0].buf, (size_t)steps, (size_t)bands, (size_t)bins,
                          (size_t)skipped, views[1].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 2, work);
}

/* (ratio, said, bins, largest, out) */
static PyObject *corrected_ratio(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t bins;
    float largest;
    const Py_ssize_t any[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOnfO", &objects[0], &objects[1], &bins, &largest,
                          &objects[2])
        || rk_py_open_all(objects, views, "ffF", any) < 0)
        return NULL;
    const Py_ssize_t frames = rows_of(&views[0], bins);
    const Py_ssize_t counts[] = {frames * bins, frames * bins, 2 * frames * bins};
    if (frames >= 0 && fit(views, counts, 3)) {
        Py_BEGIN_ALLOW_THREADS
        rk_corrected_ratio(views[0].buf, views[1].buf, (size_t)frames, (size_t)bins, largest,
                           views[2].buf);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 3, NULL);
}

/* Frames of planes of which so many bins are seen; -1 with an exception. */
static Py_ssize_t frames_of(const Py_buffer *planes, Py_ssize_t bins, Py_ssize_t seen)
{
    const Py_ssize_t rows = rows_of(planes, bins);
    if (rows >= 0 && rows % RK_PLANES == 0 && seen >= 1 && seen <= bins)
        return rows / RK_PLANES;
    if (rows >= 0)
        PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
    return -1;
}

/* (planes, bins, seen, known, smallest, features) */
static PyObject *gain_features(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t bins, seen;
    float smallest;
    const Py_ssize_t any[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OnnOfO", &objects[0], &bins, &seen, &objects[1], &smallest,
                          &objects[2])
        || rk_py_open_all(objects, views, "ffF", any) < 0)
        return NULL;
    const Py_ssize_t frames = frames_of(&views[0], bins, seen);
    const Py_ssize_t groups = (seen + RK_FOLD - 1) / RK_FOLD;
    const Py_ssize_t counts[] = {RK_PLANES * frames * bins, 4 * groups,
                                 frames * groups * RK_GROUP_FACTS};
    float *work = frames >= 0 && fit(views, counts, 3)
                      ? room(3 * (size_t)(RK_FOLD * groups + 16))
                      : NULL;
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        rk_gain_features(views[0].buf, (size_t)frames, (size_t)bins, (size_t)seen, views[1].buf,
                         smallest, views[2].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 3, work);
}

/* (planes, said, bins, seen, share, (music, noise, smallest), out) */
static PyObject *masked_gains(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t bins, seen;
    rk_mask_rule rule;
    const Py_ssize_t any[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOnnO(fff)O", &objects[0], &objects[1], &bins, &seen,
                          &objects[2], &rule.music_db, &rule.noise_db, &rule.smallest, &objects[3])
        || rk_py_open_all(objects, views, "fffF", any) < 0)
        return NULL;
    const Py_ssize_t frames = frames_of(&views[0], bins, seen);
    const Py_ssize_t counts[] = {RK_PLANES * frames * bins, frames * bins, seen,
                                 2 * frames * bins};
    if (frames >= 0 && fit(views, counts, 4)) {
        rule.share = views[2].buf;
        Py_BEGIN_ALLOW_THREADS
        rk_masked_gains(views[0].buf, views[1].buf, (size_t)frames, (size_t)bins, (size_t)seen,
                        &rule, views[3].buf);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 4, NULL);
}

PyMethodDef rk_py_mask_methods[] = {
    {"patch_statistics", patch_statistics, METH_VARARGS, "(ratio, bins, facts): three of them"},
    {"spread_patches", spread_patches, METH_VARARGS, "(patches, bands, bins, skipped, out)"},
    {"corrected_ratio", corrected_ratio, METH_VARARGS, "(ratio, said, bins, largest, out)"},
    {"gain_features", gain_features, METH_VARARGS,
     "(planes, bins, seen, known, smallest, features)"},
    {"masked_gains", masked_gains, METH_VARARGS,
     "(planes, said, bins, seen, share, (music, noise, smallest), out)"},
    {NULL, NULL, 0, NULL},
};

/* Gain rules and band statistics as Python has them. */

#include "python_module.h"

#include "restorack_denoise.h"
#include "restorack_refine.h"

static const Py_ssize_t SIZE = sizeof(double);

enum { THRESHOLDS = RK_BLOCK_ROWS * RK_BLOCK_COLUMNS, MOST_BINS = 1 << 20 };

/* Frames of a plane beside so many for its context; -1 with an exception where it has none. */
static Py_ssize_t frames_of(const Py_buffer *plane, Py_ssize_t bins, Py_ssize_t context)
{
    const Py_ssize_t frames = bins < 1 ? 0 : plane->len / SIZE / bins - context;
    if (bins >= 1 && bins <= MOST_BINS && frames >= 1
        && (frames + context) * bins * SIZE == plane->len)
        return frames;
    PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
    return -1;
}

static int has_values(const Py_buffer *view, Py_ssize_t count)
{
    if (view->len == count * SIZE)
        return 1;
    PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
    return 0;
}

static PyObject *finished(Py_buffer *views, int count, double *work)
{
    PyMem_Free(work);
    rk_py_release_all(views, count);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *exponential_integral(PyObject *module, PyObject *argument)
{
    (void)module;
    const double x = PyFloat_AsDouble(argument);
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(rk_exponential_integral(x));
}

static PyObject *log_mmse(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOO", &objects[0], &objects[1], &objects[2])
        || rk_py_open_all(objects, views, "ddD", counts) < 0)
        return NULL;
    if (has_values(&views[1], views[0].len / SIZE) && has_values(&views[2], views[0].len / SIZE))
        rk_log_mmse(views[0].buf, views[1].buf, views[2].buf, (size_t)(views[0].len / SIZE));
    return finished(views, 3, NULL);
}

/* (ratio, bins, thresholds, out) */
static PyObject *block_factors(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t bins;
    const Py_ssize_t counts[] = {-1, THRESHOLDS, -1};
    if (!PyArg_ParseTuple(arguments, "OnOO", &objects[0], &bins, &objects[1], &objects[2])
        || rk_py_open_all(objects, views, "ddD", counts) < 0)
        return NULL;
    const Py_ssize_t frames = frames_of(&views[0], bins, 16);
    if (frames > 0 && has_values(&views[2], frames * bins)) {
        Py_BEGIN_ALLOW_THREADS
        rk_block_factors(views[0].buf, (size_t)frames, (size_t)bins, views[1].buf, NULL,
                         views[2].buf, NULL);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 3, NULL);
}

/* (plane, bins, most, out): medians of a ratio less 2 where `most` is 0, else gains without peaks. */
static PyObject *medians(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[2];
    Py_buffer views[2];
    Py_ssize_t bins;
    double most;
    const Py_ssize_t counts[] = {-1, -1};
    if (!PyArg_ParseTuple(arguments, "OndO", &objects[0], &bins, &most, &objects[1])
        || rk_py_open_all(objects, views, "dD", counts) < 0)
        return NULL;
    double *work = NULL;
    const Py_ssize_t frames = frames_of(&views[0], bins, most > 0.0 ? 6 : 16);
    if (frames > 0 && has_values(&views[1], frames * bins)) {
        work = PyMem_Malloc(rk_median_workspace((size_t)bins) * sizeof(double));
        if (work == NULL)
            PyErr_NoMemory();
    }
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        if (most > 0.0)
            rk_without_peaks(views[0].buf, (size_t)frames, (size_t)bins, most, views[1].buf, work);
        else
            rk_median_ratio(views[0].buf, (size_t)frames, (size_t)bins, views[1].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 2, work);
}

/* (ratio, median, bins, thresholds, carried, known, out): `carried`, what blocks that began before add,
   where that is known, and is to be. */
static PyObject *beside(PyObject *arguments, int gains)
{
    PyObject *objects[5];
    Py_buffer views[5];
    Py_ssize_t bins;
    int known;
    if (!PyArg_ParseTuple(arguments, "OOnOOpO", &objects[0], &objects[1], &bins, &objects[2],
                          &objects[3], &known, &objects[4]))
        return NULL;
    const Py_ssize_t carried = objects[3] == Py_None || bins < 1 || bins > MOST_BINS ? 0 : 8 * bins;
    const Py_ssize_t counts[] = {-1, -1, THRESHOLDS, carried, -1};
    if (rk_py_open_all(objects, views, "dddDD", counts) < 0)
        return NULL;
    const Py_ssize_t frames = frames_of(&views[0], bins, 16);
    if (frames > 0 && has_values(&views[1], frames * bins) && has_values(&views[4], frames * bins)) {
        double *after = views[3].buf;
        Py_BEGIN_ALLOW_THREADS
        (gains ? rk_log_mmse_beside : rk_prior_ratio)(views[0].buf, views[1].buf, (size_t)frames,
                                                      (size_t)bins, views[2].buf,
                                                      known ? after : NULL, views[4].buf, after);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 5, NULL);
}

static PyObject *log_mmse_beside(PyObject *module, PyObject *arguments)
{
    (void)module;
    return beside(arguments, 1);
}

static PyObject *prior_ratio(PyObject *module, PyObject *arguments)
{
    (void)module;
    return beside(arguments, 0);
}

/* (spectra, channels, density, (scale, inaudible, largest), ratio) */
static PyObject *posterior_ratio(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    Py_ssize_t channels;
    double scale, inaudible, largest;
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OnO(ddd)O", &objects[0], &channels, &objects[1], &scale,
                          &inaudible, &largest, &objects[2])
        || rk_py_open_all(objects, views, "ddD", counts) < 0)
        return NULL;
    const Py_ssize_t bins = views[1].len / SIZE;
    const Py_ssize_t frames = channels < 1 || channels > 1 << 10 ? -1 : frames_of(&views[2], bins, 0);
    if (frames > 0 && has_values(&views[0], 2 * channels * frames * bins)) {
        Py_BEGIN_ALLOW_THREADS
        rk_posterior_ratio(views[0].buf, (size_t)channels, (size_t)frames, (size_t)bins,
                           views[1].buf, scale, inaudible, largest, views[2].buf);
        Py_END_ALLOW_THREADS
    } else if (!PyErr_Occurred()) {
        has_values(&views[0], -1);
    }
    return finished(views, 3, NULL);
}

/* (spectra, gain, ratio, (strength, lowest, largest), change) */
static PyObject *gain_change(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    double strength, lowest, largest;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOO(ddd)O", &objects[0], &objects[1], &objects[2], &strength,
                          &lowest, &largest, &objects[3])
        || rk_py_open_all(objects, views, "dddD", counts) < 0)
        return NULL;
    const Py_ssize_t cells = views[1].len / SIZE;
    const Py_ssize_t channels = cells < 1 ? 0 : views[0].len / SIZE / (2 * cells);
    if (channels > 0 && has_values(&views[0], 2 * channels * cells) && has_values(&views[2], cells)
        && has_values(&views[3], 2 * channels * cells)) {
        Py_BEGIN_ALLOW_THREADS
        rk_gain_change(views[0].buf, views[1].buf, views[2].buf, (size_t)channels, (size_t)cells,
                       strength, lowest, largest, views[3].buf);
        Py_END_ALLOW_THREADS
    } else if (!PyErr_Occurred()) {
        has_values(&views[0], -1);
    }
    return finished(views, 4, NULL);
}

/* (ratio, bins, out): power subtraction, or the gate. */
static PyObject *of_a_group(PyObject *arguments, int gate)
{
    PyObject *objects[2];
    Py_buffer views[2];
    Py_ssize_t bins;
    const Py_ssize_t counts[] = {-1, -1};
    if (!PyArg_ParseTuple(arguments, "OnO", &objects[0], &bins, &objects[1])
        || rk_py_open_all(objects, views, "dD", counts) < 0)
        return NULL;
    double *work = NULL;
    if (frames_of(&views[0], bins, 16) == RK_GROUP && has_values(&views[1], RK_GROUP * bins)) {
        work = PyMem_Malloc((size_t)views[0].len);
        if (work == NULL)
            PyErr_NoMemory();
    } else if (!PyErr_Occurred()) {
        has_values(&views[0], -1);
    }
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        if (gate)
            rk_gate(views[0].buf, (size_t)bins, views[1].buf, work);
        else
            rk_subtract(views[0].buf, (size_t)bins, views[1].buf);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 2, work);
}

static PyObject *subtract(PyObject *module, PyObject *arguments)
{
    (void)module;
    return of_a_group(arguments, 0);
}

static PyObject *gate(PyObject *module, PyObject *arguments)
{
    (void)module;
    return of_a_group(arguments, 1);
}

/* Whether bands lie within the bins and have cells. */
static int are_bands(const int64_t *first, const int64_t *end, size_t bands, Py_ssize_t bins)
{
    for (size_t band = 0; band < bands; band++)
        if (first[band] < 0 || end[band] <= first[band] || end[band] > bins) {
            PyErr_SetString(PyExc_ValueError, "a band has no bins, or some that are not there");
            return 0;
        }
    return 1;
}

/* (densities, channels, bins, first, end, share, quiet, mean) */
static PyObject *band_powers(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[5];
    Py_buffer views[5];
    Py_ssize_t channels, bins;
    double share, *work = NULL;
    const Py_ssize_t counts[] = {-1, -1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OnnOOdOO", &objects[0], &channels, &bins, &objects[1],
                          &objects[2], &share, &objects[3], &objects[4])
        || rk_py_open_all(objects, views, "dqqDD", counts) < 0)
        return NULL;
    const size_t bands = (size_t)(views[1].len / SIZE);
    const Py_ssize_t rows = channels < 1 ? -1 : frames_of(&views[0], bins, 0);
    const Py_ssize_t frames = rows < 0 ? -1 : rows / channels - 2;
    if (frames >= 1 && rows % channels == 0 && has_values(&views[2], (Py_ssize_t)bands)
        && has_values(&views[3], frames * (Py_ssize_t)bands)
        && has_values(&views[4], frames * (Py_ssize_t)bands)
        && are_bands(views[1].buf, views[2].buf, bands, bins)) {
        work = PyMem_Malloc((size_t)(2 * bins * SIZE));
        if (work == NULL)
            PyErr_NoMemory();
    } else if (!PyErr_Occurred()) {
        has_values(&views[0], -1);
    }
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t channel = 0; channel < channels; channel++)
            rk_band_powers((const double *)views[0].buf + channel * (frames + 2) * bins,
                           (size_t)frames, (size_t)bins, views[1].buf, views[2].buf, bands, share,
                           1.0 / (double)channels, views[3].buf, views[4].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 5, work);
}

static int are_ranks(const int64_t *edges, const int64_t *ranks, size_t bands, Py_ssize_t frames)
{
    for (size_t band = 0; band < bands; band++)
        for (size_t which = 0; which < 3; which++) {
            const int64_t rank = ranks[3 * band + which];
            if (rank < 0 || rank >= (edges[band + 1] - edges[band]) * frames) {
                PyErr_SetString(PyExc_ValueError, "a rank is not that of a cell");
                return 0;
            }
        }
    return 1;
}

/* (densities, channels, bins, edges, ranks, wide, found) */
static PyObject *band_quantiles(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t channels, bins;
    double wide, *work = NULL;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OnnOOdO", &objects[0], &channels, &bins, &objects[1],
                          &objects[2], &wide, &objects[3])
        || rk_py_open_all(objects, views, "dqqD", counts) < 0)
        return NULL;
    const int64_t *edges = views[1].buf;
    const Py_ssize_t bands = views[1].len / SIZE - 1;
    const Py_ssize_t rows = channels < 1 ? -1 : frames_of(&views[0], bins, 0);
    if (rows > 0 && bands > 0 && rows % channels == 0 && has_values(&views[2], 3 * bands)
        && has_values(&views[3], 3 * bands * channels)
        && are_bands(edges, edges + 1, (size_t)bands, bins)
        && are_ranks(edges, views[2].buf, (size_t)bands, rows / channels)) {
        work = PyMem_Malloc((size_t)((rows + 1) * bins * SIZE));
        if (work == NULL)
            PyErr_NoMemory();
    } else if (!PyErr_Occurred()) {
        has_values(&views[0], -1);
    }
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        rk_band_quantiles(views[0].buf, (size_t)channels, (size_t)(rows / channels), (size_t)bins,
                          edges, (size_t)bands, views[2].buf, wide, views[3].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 4, work);
}

/* (shorts, longs, noise, channels, bins, (strength, smallest, lowest), recent, risks, waiting,
   change) */
static PyObject *refine(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[7];
    Py_buffer views[7];
    Py_ssize_t channels, bins;
    rk_refined group;
    if (!PyArg_ParseTuple(arguments, "OOOnn(ddd)OOOO", &objects[0], &objects[1], &objects[2],
                          &channels, &bins, &group.strength, &group.smallest, &group.lowest,
                          &objects[3], &objects[4], &objects[5], &objects[6]))
        return NULL;
    if (channels < 1 || channels > 1 << 10 || bins < 2 || bins > MOST_BINS
        || !(group.smallest > 0.0)) {
        PyErr_SetString(PyExc_ValueError, "a plane has a shape that cannot be");
        return NULL;
    }
    const Py_ssize_t longs = RK_LONGER * (bins - 1) + 1;
    const Py_ssize_t frames = 2 * channels * RK_LONG_FRAMES * longs;
    const Py_ssize_t counts[] = {2 * channels * RK_SHORT_FRAMES * bins, 2 * frames, longs,
                                 RK_RECENT_FRAMES * bins, 10 * bins, frames, frames};
    if (rk_py_open_all(objects, views, "dddDDDD", counts) < 0)
        return NULL;
    group.channels = (size_t)channels;
    group.bins = (size_t)bins;
    group.shorts = views[0].buf;
    group.longs = views[1].buf;
    group.noise = views[2].buf;
    const rk_refining state = {views[3].buf, views[4].buf, views[5].buf};
    double *work = PyMem_Malloc(rk_refine_workspace((size_t)bins) * sizeof(double));
    if (work == NULL) {
        PyErr_NoMemory();
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_refine(&group, &state, views[6].buf, work);
        Py_END_ALLOW_THREADS
    }
    return finished(views, 7, work);
}

PyMethodDef rk_py_denoise_methods[] = {
    {"exponential_integral", exponential_integral, METH_O, "(x) -> E1(x)"},
    {"log_mmse", log_mmse, METH_VARARGS, "(prior, posterior, gain)"},
    {"block_factors", block_factors, METH_VARARGS, "(ratio, bins, thresholds, out)"},
    {"medians", medians, METH_VARARGS, "(plane, bins, most, out)"},
    {"log_mmse_beside", log_mmse_beside, METH_VARARGS,
     "(ratio, median, bins, thresholds, carried, known, gain)"},
    {"prior_ratio", prior_ratio, METH_VARARGS,
     "(ratio, median, bins, thresholds, carried, known, prior)"},
    {"posterior_ratio", posterior_ratio, METH_VARARGS,
     "(spectra, channels, density, (scale, inaudible, largest), ratio)"},
    {"gain_change", gain_change, METH_VARARGS,
     "(spectra, gain, ratio, (strength, lowest, largest), change)"},
    {"subtract", subtract, METH_VARARGS, "(ratio, bins, gain)"},
    {"gate", gate, METH_VARARGS, "(ratio, bins, gain)"},
    {"refine", refine, METH_VARARGS,
     "(shorts, longs, noise, channels, bins, (strength, smallest, lowest), recent, risks, waiting, "
     "change): fill the change, and remember"},
    {"band_powers", band_powers, METH_VARARGS,
     "(densities, channels, bins, first, end, share, quiet, mean)"},
    {"band_quantiles", band_quantiles, METH_VARARGS,
     "(densities, channels, bins, edges, ranks, wide, found)"},
    {NULL, NULL, 0, NULL},
};

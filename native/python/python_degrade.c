/* The degradations' loops as Python has them. */

#include "python_module.h"

#include <math.h>

#include "restorack_degrade.h"

static const Py_ssize_t SIZE = sizeof(double);

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

/* (samples, shifts, origin, table, phases, out) */
static PyObject *read_moved(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t origin, phases;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOnOnO", &objects[0], &objects[1], &origin, &objects[2],
                          &phases, &objects[3])
        || rk_py_open_all(objects, views, "fddF", counts) < 0)
        return NULL;
    const Py_ssize_t samples = views[0].len / 4, count = views[1].len / SIZE;
    const Py_ssize_t width = phases < 1 ? 0 : views[2].len / SIZE / (phases + 1);
    const double *shifts = views[1].buf;
    int fits = width >= 2 && width % 2 == 0 && width * (phases + 1) * SIZE == views[2].len
               && views[3].len / 4 == count && origin >= 0 && origin <= samples;
    for (Py_ssize_t i = 0; fits && i < count; i++) {
        const double place = (double)(origin + i) + floor(shifts[i]);
        fits = place + 1.0 >= (double)(width / 2) && place + (double)(width / 2) < (double)samples;
    }
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        rk_read_moved(views[0].buf, shifts, (size_t)count, (size_t)origin, views[2].buf,
                      (size_t)phases, (size_t)width, views[3].buf);
        Py_END_ALLOW_THREADS
    } else {
        refused("a position lies beyond the samples, or the kernels have no such shape");
    }
    return done_with(views, 4);
}

/* (steps, amplitudes, phases, first, grid, out) */
static PyObject *add_waves(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t first, grid;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOnnO", &objects[0], &objects[1], &objects[2], &first, &grid,
                          &objects[3])
        || rk_py_open_all(objects, views, "dddD", counts) < 0)
        return NULL;
    if (grid < 1 || views[1].len != views[0].len || views[2].len != views[0].len) {
        refused("waves do not have as many amplitudes and phases, or the grid is none");
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_add_waves(views[0].buf, views[1].buf, views[2].buf, (size_t)(views[0].len / SIZE), first,
                     grid, views[3].buf, (size_t)(views[3].len / SIZE));
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 4);
}

/* (row, slopes, reach, share, rounds, close, out) */
static PyObject *add_traced(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    double share, close;
    int rounds;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOdidO", &objects[0], &objects[1], &objects[2], &share,
                          &rounds, &close, &objects[3])
        || rk_py_open_all(objects, views, "dddD", counts) < 0)
        return NULL;
    const Py_ssize_t count = views[0].len / SIZE;
    if (views[1].len != views[0].len || views[2].len != views[0].len
        || views[3].len != views[0].len || (count > 0 && count < 6)) {
        refused("slopes and reaches are not as many as samples, or these fewer than 6");
    } else {
        Py_BEGIN_ALLOW_THREADS
        rk_add_traced(views[0].buf, views[1].buf, views[2].buf, share, rounds, close, views[3].buf,
                      (size_t)count);
        Py_END_ALLOW_THREADS
    }
    return done_with(views, 4);
}

/* (row, level, (rise, fall, target, most, strength), out) -> level */
static PyObject *follow(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[2];
    Py_buffer views[2];
    double level;
    rk_level_settings s;
    const Py_ssize_t counts[] = {-1, -1};
    if (!PyArg_ParseTuple(arguments, "Od(ddddd)O", &objects[0], &level, &s.rise, &s.fall, &s.target,
                          &s.most, &s.strength, &objects[1])
        || rk_py_open_all(objects, views, "fF", counts) < 0)
        return NULL;
    if (views[1].len != views[0].len) {
        refused("there is not as much room as samples");
    } else {
        Py_BEGIN_ALLOW_THREADS
        level = rk_follow(views[0].buf, level, &s, views[1].buf, (size_t)(views[0].len / 4));
        Py_END_ALLOW_THREADS
    }
    rk_py_release_all(views, 2);
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(level);
}

/* (state, frame): both change */
static PyObject *gsm_recode(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[2];
    Py_buffer views[2];
    const Py_ssize_t counts[] = {(Py_ssize_t)sizeof(rk_gsm) / SIZE, RK_GSM_FRAME};
    if (!PyArg_ParseTuple(arguments, "OO", &objects[0], &objects[1])
        || rk_py_open_all(objects, views, "DD", counts) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    rk_gsm_recode(views[0].buf, views[1].buf);
    Py_END_ALLOW_THREADS
    return done_with(views, 2);
}

/* Whether edges rise from 0 or more to at most a size, by at most `longest`. */
static int are_edges(const int64_t *edges, Py_ssize_t count, Py_ssize_t size, Py_ssize_t longest)
{
    int good = count >= 1 && edges[0] >= 0 && edges[count] <= size;
    for (Py_ssize_t i = 0; good && i < count; i++)
        good = edges[i + 1] > edges[i] && edges[i + 1] - edges[i] <= longest;
    return good;
}

/* (parts, transforms, bits, edges, spread, quiet, (side bits, band bits, finest, coarsest)) -> bits */
static PyObject *perceptual_quantise(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t count;
    double bits;
    rk_perceptual layout = {0};
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OndOOO(ddii)", &objects[0], &count, &bits, &objects[1],
                          &objects[2], &objects[3], &layout.side_bits, &layout.band_bits,
                          &layout.finest, &layout.coarsest)
        || rk_py_open_all(objects, views, "Dqdd", counts) < 0)
        return NULL;
    const Py_ssize_t all = views[0].len / SIZE, bands = views[1].len / SIZE - 1;
    const Py_ssize_t size = count < 1 ? 0 : all / count;
    double *work = NULL;
    if (size * count != all || !are_edges(views[1].buf, bands, size, size)
        || views[2].len / SIZE != bands * bands || views[3].len / SIZE != bands)
        refused("bands do not lie in the transforms, or have no such layout");
    else if ((work = PyMem_Malloc((size_t)((all + 2 * bands) * SIZE))) == NULL)
        PyErr_NoMemory();
    if (work != NULL) {
        layout.edges = views[1].buf;
        layout.spread = views[2].buf;
        layout.quiet = views[3].buf;
        layout.bands = (size_t)bands;
        Py_BEGIN_ALLOW_THREADS
        bits = rk_perceptual_quantise(&layout, views[0].buf, (size_t)count, (size_t)size, bits,
                                      work, work + all);
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(work);
    rk_py_release_all(views, 4);
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(bits);
}

/* (spectrum, edges, books, powers, rounds, entries, part) */
static PyObject *residual_quantise(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[4];
    Py_buffer views[4];
    Py_ssize_t rounds, entries, part;
    const Py_ssize_t counts[] = {-1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOOOnnn", &objects[0], &objects[1], &objects[2], &objects[3],
                          &rounds, &entries, &part)
        || rk_py_open_all(objects, views, "Dqdd", counts) < 0)
        return NULL;
    const Py_ssize_t vectors = views[1].len / SIZE - 1, all = views[2].len / SIZE;
    const int counted = rounds >= 1 && entries >= 1 && part >= 1 && rounds <= all && entries <= all;
    const Py_ssize_t longest = counted ? all / rounds / entries : 0;
    double *work = NULL;
    if (longest < 1 || rounds * entries * longest != all || views[3].len != views[2].len
        || !are_edges(views[1].buf, vectors, views[0].len / SIZE, longest))
        refused("vectors do not lie in the spectrum, or have no such codebooks");
    else if ((work = PyMem_Malloc((size_t)(2 * longest * SIZE))) == NULL)
        PyErr_NoMemory();
    if (work != NULL) {
        Py_BEGIN_ALLOW_THREADS
        rk_residual_quantise(views[0].buf, views[1].buf, (size_t)vectors, views[2].buf,
                             views[3].buf, (size_t)rounds, (size_t)entries, (size_t)longest,
                             (size_t)part, work);
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(work);
    return done_with(views, 4);
}

PyMethodDef rk_py_degrade_methods[] = {
    {"read_moved", read_moved, METH_VARARGS, "(samples, shifts, origin, table, phases, out)"},
    {"add_waves", add_waves, METH_VARARGS, "(steps, amplitudes, phases, first, grid, out)"},
    {"add_traced", add_traced, METH_VARARGS,
     "(row, slopes, reach, share, rounds, close, out)"},
    {"follow", follow, METH_VARARGS,
     "(row, level, (rise, fall, target, most, strength), out) -> level"},
    {"gsm_recode", gsm_recode, METH_VARARGS, "(state, frame)"},
    {"perceptual_quantise", perceptual_quantise, METH_VARARGS,
     "(parts, transforms, bits, edges, spread, quiet, (side bits, band bits, finest, coarsest)) -> "
     "bits"},
    {"residual_quantise", residual_quantise, METH_VARARGS,
     "(spectrum, edges, books, powers, rounds, entries, part)"},
    {NULL, NULL, 0, NULL},
};

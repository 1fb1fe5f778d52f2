/* The declicker's tools as Python has them; restorack.plugins.declick is how they are used. */

#include "python_module.h"

#include <string.h>

#include "declick.h"

static const char DETECTOR[] = "restorack.dsp._core.detector";
static const char GAPS[] = "restorack.dsp._core.gaps";
static const char THUMPS[] = "restorack.dsp._core.thumps";
static const char ESTIMATOR[] = "restorack.dsp._core.estimator";

/* A tool, and memory that its calls work in, one at a time; a call beside another has its own. */
typedef struct {
    void *tool;
    double *memory;
    size_t room;
    int in_use;
} held_tool;

static PyObject *hold(void *tool, const char *name, PyCapsule_Destructor drop)
{
    held_tool *held = PyMem_Calloc(1, sizeof *held);
    PyObject *made = held == NULL ? PyErr_NoMemory() : PyCapsule_New(held, name, drop);
    if (made == NULL)
        PyMem_Free(held);
    else
        held->tool = tool;
    return made;
}

static void drop_detector(PyObject *capsule)
{
    held_tool *held = PyCapsule_GetPointer(capsule, DETECTOR);
    rk_detector_free(held->tool);
    PyMem_Free(held->memory);
    PyMem_Free(held);
}

static void drop_gaps(PyObject *capsule)
{
    held_tool *held = PyCapsule_GetPointer(capsule, GAPS);
    rk_gaps_free(held->tool);
    PyMem_Free(held->memory);
    PyMem_Free(held);
}

static void drop_thumps(PyObject *capsule)
{
    held_tool *held = PyCapsule_GetPointer(capsule, THUMPS);
    rk_thumps_free(held->tool);
    PyMem_Free(held->memory);
    PyMem_Free(held);
}

static void drop_estimator(PyObject *capsule)
{
    held_tool *held = PyCapsule_GetPointer(capsule, ESTIMATOR);
    rk_estimator_clear(held->tool);
    PyMem_Free(held->tool);
    PyMem_Free(held->memory);
    PyMem_Free(held);
}

/* Memory for a call, or NULL with an exception. */
static double *borrow(held_tool *held, size_t need)
{
    if (held->in_use) {
        double *own = PyMem_Malloc(need * sizeof(double));
        return own != NULL ? own : (double *)PyErr_NoMemory();
    }
    if (held->room < need) {
        double *grown = PyMem_Malloc(need * sizeof(double));
        if (grown == NULL)
            return (double *)PyErr_NoMemory();
        PyMem_Free(held->memory);
        held->memory = grown;
        held->room = need;
    }
    held->in_use = 1;
    return held->memory;
}

static void give_back(held_tool *held, double *memory)
{
    if (memory == held->memory)
        held->in_use = 0;
    else
        PyMem_Free(memory);
}

/* ---- candidates for clicks ------------------------------------------------------------------ */

static PyObject *new_detector(PyObject *module, PyObject *arguments)
{
    (void)module;
    rk_detector_plan p;
    PyObject *taps;
    Py_buffer view;
    if (!PyArg_ParseTuple(arguments, "(iiiiiiiiiii)(dddddddddddd)O", &p.factor, &p.order,
                          &p.segment, &p.limit, &p.longest, &p.side, &p.far_side, &p.block,
                          &p.back, &p.ahead, &p.hole, &p.rate, &p.length_regulariser,
                          &p.prefilter, &p.expected_power, &p.penalty, &p.high_penalty,
                          &p.min_score, &p.min_prominence, &p.rise, &p.fall, &p.loud, &p.floor,
                          &taps)
        || rk_py_open(taps, &view, "d", -1, 0) < 0)
        return NULL;
    rk_detector *made;
    p.taps = view.buf;
    p.tap_count = view.len > (Py_ssize_t)(RK_MOST_SAMPLES * sizeof(double))
                      ? 0
                      : (int)(view.len / (Py_ssize_t)sizeof(double));
    const int failed = rk_detector_new(&p, &made);
    PyBuffer_Release(&view);
    return failed ? rk_py_failed(failed) : hold(made, DETECTOR, drop_detector);
}

static PyObject *detector_reach(PyObject *module, PyObject *capsule)
{
    (void)module;
    held_tool *held = PyCapsule_GetPointer(capsule, DETECTOR);
    return held == NULL ? NULL : PyLong_FromSize_t(rk_detector_reach(held->tool));
}

enum { MOST_ROOM = 1 << 14 };

/* Find clicks into views of the signal, the clicks, and their features; how many, or an error. */
static int search(const rk_detector *detector, const Py_buffer *views, Py_ssize_t room,
                  const Py_ssize_t *zone, double threshold, rk_click *clicks,
                  rk_features *features, double *memory)
{
    const int seen = views[2].buf != NULL;
    for (Py_ssize_t i = 0; seen && i < room; i++)
        features[i] = (rk_features){
            (float *)views[2].buf + i * RK_WAVE_CHANNELS * RK_WAVE_LENGTH,
            (float *)views[3].buf + i * RK_LEVEL_CHANNELS * RK_LEVEL_BLOCKS,
            (float *)views[4].buf + i * RK_FACTS};
    const int count = rk_find_clicks(detector, views[0].buf, (size_t)views[0].len / sizeof(double),
                                     (size_t)zone[0], (size_t)zone[1], threshold, clicks,
                                     seen ? features : NULL, (size_t)room, memory);
    double *out = views[1].buf;
    for (int i = 0; i < count; i++) {
        out[3 * i] = (double)clicks[i].start;
        out[3 * i + 1] = (double)clicks[i].stop;
        out[3 * i + 2] = clicks[i].strength;
    }
    return count;
}

static PyObject *find_clicks(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *objects[5];
    Py_ssize_t zone[2], room;
    double threshold;
    Py_buffer views[5];
    if (!PyArg_ParseTuple(arguments, "OOnndnOOOO", &capsule, &objects[0], &zone[0], &zone[1],
                          &threshold, &room, &objects[1], &objects[2], &objects[3], &objects[4]))
        return NULL;
    held_tool *held = PyCapsule_GetPointer(capsule, DETECTOR);
    if (held == NULL)
        return NULL;
    if (room < 1 || room > MOST_ROOM || zone[0] < 0 || zone[1] < zone[0])
        return rk_py_failed(RK_BAD_SHAPE);
    const Py_ssize_t seen = objects[2] == Py_None ? 0 : room;
    const Py_ssize_t counts[] = {-1, 3 * room, seen * RK_WAVE_CHANNELS * RK_WAVE_LENGTH,
                                 seen * RK_LEVEL_CHANNELS * RK_LEVEL_BLOCKS, seen * RK_FACTS};
    if (rk_py_open_all(objects, views, "dDFFF", counts) < 0)
        return NULL;
    const size_t need = rk_detector_workspace(held->tool, (size_t)views[0].len / sizeof(double));
    double *memory = borrow(held, need);
    rk_click *clicks = PyMem_Malloc((size_t)room * sizeof *clicks);
    rk_features *features = PyMem_Malloc((size_t)room * sizeof *features);
    PyObject *result = NULL;
    if (memory != NULL && clicks != NULL && features != NULL) {
        int count;
        Py_BEGIN_ALLOW_THREADS
        count = search(held->tool, views, room, zone, threshold, clicks, features, memory);
        Py_END_ALLOW_THREADS
        result = count < 0 && count != RK_TOO_LARGE ? rk_py_failed(count)
                                                    : PyLong_FromLong(count < 0 ? -1 : count);
    } else if (memory != NULL) {
        PyErr_NoMemory();
    }
    if (memory != NULL)
        give_back(held, memory);
    PyMem_Free(clicks);
    PyMem_Free(features);
    rk_py_release_all(views, 5);
    return result;
}

static PyObject *extract_features(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[5];
    Py_ssize_t start, stop;
    int block;
    double rate, prominence, contrast;
    Py_buffer views[5];
    const Py_ssize_t counts[] = {-1, -1, RK_WAVE_CHANNELS * RK_WAVE_LENGTH,
                                 RK_LEVEL_CHANNELS * RK_LEVEL_BLOCKS, RK_FACTS};
    if (!PyArg_ParseTuple(arguments, "OOnnidddOOO", &objects[0], &objects[1], &start, &stop, &block,
                          &rate, &prominence, &contrast, &objects[2], &objects[3], &objects[4])
        || rk_py_open_all(objects, views, "ddFFF", counts) < 0)
        return NULL;
    const Py_ssize_t size = sizeof(double), order = views[1].len / size - 1;
    const rk_features features = {views[2].buf, views[3].buf, views[4].buf};
    int done = RK_BAD_SHAPE;
    if (start >= 0 && stop > start && order <= RK_MOST_ORDER)
        done = rk_extract_features(views[0].buf, (size_t)(views[0].len / size), views[1].buf,
                                   (int)order, (size_t)start, (size_t)stop, block, rate,
                                   prominence, contrast, &features);
    rk_py_release_all(views, 5);
    return done ? rk_py_failed(done) : Py_NewRef(Py_None);
}

/* ---- interpolation of gaps ------------------------------------------------------------------ */

static PyObject *new_gaps(PyObject *module, PyObject *arguments)
{
    (void)module;
    rk_gaps_plan p;
    if (!PyArg_ParseTuple(arguments, "(iiiiii)d", &p.first_order, &p.order, &p.context, &p.wide,
                          &p.wide_order, &p.wide_context, &p.largest_growth))
        return NULL;
    rk_gaps *made;
    const int failed = rk_gaps_new(&p, &made);
    return failed ? rk_py_failed(failed) : hold(made, GAPS, drop_gaps);
}

static PyObject *fill_gap(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *signal;
    Py_ssize_t start, stop;
    int again, done = RK_BAD_SHAPE;
    Py_buffer view;
    if (!PyArg_ParseTuple(arguments, "OOnnp", &capsule, &signal, &start, &stop, &again))
        return NULL;
    held_tool *held = PyCapsule_GetPointer(capsule, GAPS);
    if (held == NULL || rk_py_open(signal, &view, "d", -1, 1) < 0)
        return NULL;
    const size_t length = (size_t)view.len / sizeof(double);
    if (start >= 0 && stop > start && (size_t)stop <= length && stop - start <= RK_MOST_ORDER) {
        double *memory = borrow(held, rk_gaps_workspace(held->tool, (size_t)(stop - start)));
        if (memory == NULL) {
            PyBuffer_Release(&view);
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        done = rk_fill_gap(held->tool, view.buf, length, (size_t)start, (size_t)stop, again,
                           memory);
        Py_END_ALLOW_THREADS
        give_back(held, memory);
    }
    PyBuffer_Release(&view);
    return done < 0 ? rk_py_failed(done) : PyBool_FromLong(done);
}

/* ---- slow swings after clicks --------------------------------------------------------------- */

static PyObject *new_thumps(PyObject *module, PyObject *arguments)
{
    (void)module;
    rk_thumps_plan p;
    PyObject *objects[5];
    Py_buffer views[5];
    const Py_ssize_t counts[] = {-1, -1, -1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "(iiiiiiiiiii)(iiii)(iiii)(ddd)(dddddddddd)O(OOOO)",
                          &p.factor, &p.order, &p.context, &p.longest, &p.energy_rise, &p.later,
                          &p.earlier, &p.known, &p.history, &p.step, &p.reach, &p.tried[0],
                          &p.tried[1], &p.tried[2], &p.tried[3], &p.shapes[0].numbers,
                          &p.shapes[1].numbers, &p.shapes[2].numbers, &p.shapes[3].numbers,
                          &p.sizes[0], &p.sizes[1], &p.sizes[2], &p.rise_factor,
                          &p.least_evidence, &p.later_share, &p.earlier_share, &p.left_share,
                          &p.small_share, &p.most_left, &p.similar_share, &p.floor, &p.ridge,
                          &objects[0], &objects[1], &objects[2], &objects[3], &objects[4])
        || rk_py_open_all(objects, views, "ddddd", counts) < 0)
        return NULL;
    int failed = 0;
    for (int i = 0; i < 5; i++)
        if (views[i].len > (Py_ssize_t)(RK_MOST_SAMPLES * sizeof(double)))
            failed = RK_TOO_LARGE;
    rk_thumps *made = NULL;
    for (int i = 0; i < RK_DECAYS && !failed; i++) {
        const int all = (int)(views[i + 1].len / (Py_ssize_t)sizeof(double));
        const int numbers = p.shapes[i].numbers;
        if (numbers < 1 || all % numbers != 0)
            failed = RK_BAD_SHAPE;
        else
            p.shapes[i] = (rk_shapes){views[i + 1].buf, numbers, all / numbers};
    }
    p.taps = views[0].buf;
    p.tap_count = failed ? 0 : (int)(views[0].len / (Py_ssize_t)sizeof(double));
    failed = failed ? failed : rk_thumps_new(&p, &made);
    rk_py_release_all(views, 5);
    return failed ? rk_py_failed(failed) : hold(made, THUMPS, drop_thumps);
}

static PyObject *find_thump(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *objects[2];
    Py_ssize_t anchor, heard;
    Py_buffer views[2];
    const Py_ssize_t counts[] = {-1, RK_MOST_SHAPES};
    if (!PyArg_ParseTuple(arguments, "OOnnO", &capsule, &objects[0], &anchor, &heard, &objects[1]))
        return NULL;
    held_tool *held = PyCapsule_GetPointer(capsule, THUMPS);
    if (held == NULL || rk_py_open_all(objects, views, "dD", counts) < 0)
        return NULL;
    int number = 0, done = RK_BAD_SHAPE;
    double *memory = borrow(held, rk_thumps_workspace(held->tool));
    if (memory != NULL) {
        if (anchor >= 0) {
            Py_BEGIN_ALLOW_THREADS
            done = rk_find_thump(held->tool, views[0].buf, (size_t)views[0].len / sizeof(double),
                                 (size_t)anchor, heard, &number, views[1].buf, memory);
            Py_END_ALLOW_THREADS
        }
        give_back(held, memory);
    }
    rk_py_release_all(views, 2);
    if (memory == NULL)
        return NULL;
    return done < 0 ? rk_py_failed(done) : PyLong_FromLong(done ? number : -1);
}

/* ---- models --------------------------------------------------------------------------------- */

static PyObject *new_estimator(PyObject *module, PyObject *arguments)
{
    (void)module;
    int order, count;
    if (!PyArg_ParseTuple(arguments, "ii", &order, &count))
        return NULL;
    rk_estimator *made = PyMem_Calloc(1, sizeof *made);
    if (made == NULL)
        return PyErr_NoMemory();
    const int failed = rk_estimator_set(made, order, count);
    if (failed) {
        PyMem_Free(made);
        return rk_py_failed(failed);
    }
    return hold(made, ESTIMATOR, drop_estimator);
}

static PyObject *estimate(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *capsule, *objects[2];
    Py_buffer views[2];
    if (!PyArg_ParseTuple(arguments, "OOO", &capsule, &objects[0], &objects[1]))
        return NULL;
    held_tool *held = PyCapsule_GetPointer(capsule, ESTIMATOR);
    if (held == NULL)
        return NULL;
    const rk_estimator *estimator = held->tool;
    const Py_ssize_t counts[] = {estimator->count, estimator->order + 1};
    if (rk_py_open_all(objects, views, "dD", counts) < 0)
        return NULL;
    double *memory = borrow(held, rk_estimator_workspace(estimator));
    if (memory != NULL) {
        rk_declick_loops_at(0)->estimate(estimator, views[0].buf, views[1].buf, memory);
        give_back(held, memory);
    }
    rk_py_release_all(views, 2);
    return memory == NULL ? NULL : Py_NewRef(Py_None);
}

/* out[n] = sum of taps[k] x[n + k] */
static PyObject *fir(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOO", &objects[0], &objects[1], &objects[2])
        || rk_py_open_all(objects, views, "ddD", counts) < 0)
        return NULL;
    const Py_ssize_t size = sizeof(double), taps = views[1].len / size, out = views[2].len / size;
    const int fits = taps > 0 && views[0].len / size == out + taps - 1;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        rk_declick_loops_at(0)->fir(views[0].buf, views[1].buf, (size_t)taps, views[2].buf,
                                    (size_t)out);
        Py_END_ALLOW_THREADS
    }
    rk_py_release_all(views, 3);
    return fits ? Py_NewRef(Py_None) : rk_py_failed(RK_BAD_SHAPE);
}

/* Out of samples and `order` on both sides, given the taps of the inverse covariance. */
static PyObject *interpolation_error(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[3];
    Py_buffer views[3];
    const Py_ssize_t counts[] = {-1, -1, -1};
    if (!PyArg_ParseTuple(arguments, "OOO", &objects[0], &objects[1], &objects[2])
        || rk_py_open_all(objects, views, "ddD", counts) < 0)
        return NULL;
    const size_t size = sizeof(double), taps = (size_t)views[1].len / size;
    const size_t count = (size_t)views[2].len / size, order = taps / 2;
    int done = taps % 2 == 1 && (size_t)views[0].len / size == count + 2 * order
                       && count <= RK_MOST_ORDER
                   ? 0
                   : RK_BAD_SHAPE;
    double *memory = done ? NULL : PyMem_Malloc((count * count + count + 1) * size);
    if (memory != NULL && count > 0)
        rk_declick_loops_at(0)->interpolation_error((double *)views[0].buf + order, views[1].buf,
                                                    order, views[2].buf, count, memory);
    else if (!done && memory == NULL)
        done = RK_NO_MEMORY;
    PyMem_Free(memory);
    rk_py_release_all(views, 3);
    return done ? rk_py_failed(done) : Py_NewRef(Py_None);
}

PyMethodDef rk_py_declick_methods[] = {
    {"new_detector", new_detector, METH_VARARGS,
     "((factor, order, segment, limit, longest, side, far side, block, back, ahead, hole), (rate, "
     "length regulariser, prefilter, expected power, penalty, high penalty, least score, least "
     "prominence, rise, fall, loud, floor), taps) -> a detector"},
    {"detector_reach", detector_reach, METH_O, "(detector) -> samples beside a zone"},
    {"find_clicks", find_clicks, METH_VARARGS,
     "(detector, signal, start, stop, threshold, room, clicks, waves, levels, facts) -> how many; "
     "-1 where there is no room"},
    {"extract_features", extract_features, METH_VARARGS,
     "(signal, model, start, stop, block, rate, prominence, contrast, wave, levels, facts)"},
    {"new_gaps", new_gaps, METH_VARARGS,
     "((first order, order, context, wide, wide order, wide context), growth) -> what fills gaps"},
    {"fill_gap", fill_gap, METH_VARARGS, "(gaps, signal, start, stop, again) -> whether it was"},
    {"new_thumps", new_thumps, METH_VARARGS,
     "(lengths, tried, numbers, sizes, settings, taps, shapes) -> a finder of swings"},
    {"find_thump", find_thump, METH_VARARGS,
     "(thumps, signal, anchor, heard, weights) -> number of the time constant, or -1"},
    {"new_estimator", new_estimator, METH_VARARGS, "(order, samples) -> an estimator of models"},
    {"estimate", estimate, METH_VARARGS, "(estimator, frame, model): fill the model"},
    {"fir", fir, METH_VARARGS, "(x, taps, out): out[n] = sum of taps[k] x[n + k]"},
    {"interpolation_error", interpolation_error, METH_VARARGS,
     "(x, taps, out): samples minus their least-squares interpolation"},
    {NULL, NULL, 0, NULL},
};

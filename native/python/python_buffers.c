#include "python_module.h"

#include <string.h>

int rk_py_open(PyObject *object, Py_buffer *view, const char *format, Py_ssize_t count,
               int writable)
{
    const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    const Py_ssize_t size = format[0] == 'f' ? 4 : 8;
    const char *name = format[0] == 'f' ? "float32" : format[0] == 'd' ? "float64" : "int64";
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return -1;
    const char *given = view->format == NULL ? "" : view->format;
    const int is_long = format[0] == 'q' && sizeof(long) == 8 && strcmp(given, "l") == 0;
    if (strcmp(given, format) != 0 && !is_long)
        PyErr_Format(PyExc_TypeError, "an array is not of %s", name);
    else if (count >= 0 && view->len != count * size)
        PyErr_Format(PyExc_ValueError, "an array has %zd values where %zd are taken",
                     view->len / size, count);
    else
        return 0;
    PyBuffer_Release(view);
    return -1;
}

int rk_py_open_all(PyObject *const *objects, Py_buffer *views, const char *formats,
                   const Py_ssize_t *counts)
{
    for (int i = 0; formats[i] != '\0'; i++) {
        const int writable = formats[i] < 'a';
        const char format[2] = {(char)(writable ? formats[i] + 'a' - 'A' : formats[i]), '\0'};
        views[i] = (Py_buffer){0};
        if (objects[i] == Py_None && counts[i] == 0)
            continue;
        if (rk_py_open(objects[i], &views[i], format, counts[i], writable) < 0) {
            rk_py_release_all(views, i);
            return -1;
        }
    }
    return 0;
}

void rk_py_release_all(Py_buffer *views, int count)
{
    for (int i = 0; i < count; i++)
        if (views[i].obj != NULL)
            PyBuffer_Release(&views[i]);
}

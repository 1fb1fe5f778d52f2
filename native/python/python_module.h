/* What the files that know Python share: all that are named python_... */

#ifndef RESTORACK_PYTHON_MODULE_H
#define RESTORACK_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* An exception for an error of the core; NULL. */
PyObject *rk_py_failed(int status);

/* Open a C-contiguous buffer of so many values (any number below 0) of float64 ("d"), float32
   ("f") or int64 ("q"); 0, or -1 with an exception. */
int rk_py_open(PyObject *object, Py_buffer *view, const char *format, Py_ssize_t count,
               int writable);

/* The same for several at once, all or none. Formats of capital letters are written to; an object
   that is None leaves a view whose `buf` is NULL, if its count is 0. */
int rk_py_open_all(PyObject *const *objects, Py_buffer *views, const char *formats,
                   const Py_ssize_t *counts);
void rk_py_release_all(Py_buffer *views, int count);

/* Methods of the other files, ending with an empty one. */
extern PyMethodDef rk_py_declick_methods[], rk_py_denoise_methods[], rk_py_degrade_methods[],
    rk_py_filters_methods[], rk_py_frames_methods[], rk_py_mask_methods[],
    rk_py_declip_methods[], rk_py_dynamics_methods[];

#endif

/* Memory that begins where a cache line does: vectors then lie in one line each. */

#ifndef RESTORACK_LINED_UP_H
#define RESTORACK_LINED_UP_H

#include <stdint.h>
#include <stdlib.h>

/* Zeros; `memory` is what to free. NULL where memory is short. */
static inline float *rk_lined_up(void **memory, size_t floats)
{
    const size_t line = 64;
    if (floats > SIZE_MAX / sizeof(float) - line)
        return NULL;
    *memory = calloc(floats * sizeof(float) + line, 1);
    if (*memory == NULL)
        return NULL;
    return (float *)(((uintptr_t)*memory + line - 1) & ~(uintptr_t)(line - 1));
}

#endif

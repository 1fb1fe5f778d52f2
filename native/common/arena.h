/* Scratch memory that is handed out front to back and given back all at once. */

#ifndef RESTORACK_ARENA_H
#define RESTORACK_ARENA_H

#include <stddef.h>

typedef struct {
    double *next, *end;
} rk_arena;

/* Room for so many doubles, or NULL where it does not suffice. */
static inline double *rk_take(rk_arena *arena, size_t count)
{
    if ((size_t)(arena->end - arena->next) < count)
        return NULL;
    double *taken = arena->next;
    arena->next += count;
    return taken;
}

#endif

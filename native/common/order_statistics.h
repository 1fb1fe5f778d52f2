/* Medians, ranks and orders of numbers. */

#ifndef RESTORACK_ORDER_STATISTICS_H
#define RESTORACK_ORDER_STATISTICS_H

#include <stddef.h>

/* Put the value of a rank in its place, smaller ones before it and larger ones behind. */
void rk_put_in_place(double *values, size_t count, size_t rank);

/* The median; changes the order of the values. `count` is at least 1. */
double rk_median(double *values, size_t count);

/* Sort whole numbers by what they number, the largest first, then by themselves. */
void rk_sort_by(double *numbers, size_t count, const double *values);

#endif

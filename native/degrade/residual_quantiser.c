#include "restorack_degrade.h"

#include <math.h>
#include <string.h>

/* The entry that takes most energy off, and how much of it does. */
static size_t closest(const double *left, size_t size, const double *book, const double *powers,
                      size_t entries, size_t longest, double *share)
{
    double best = -1.0;
    size_t entry = 0;
    *share = 0.0;
    for (size_t candidate = 0; candidate < entries; candidate++) {
        const double *of = book + candidate * longest;
        double sums[4] = {0};
        size_t i = 0;
        for (; i + 4 <= size; i += 4)
            for (size_t k = 0; k < 4; k++)
                sums[k] += left[i + k] * of[i + k];
        for (; i < size; i++)
            sums[0] += left[i] * of[i];
        const double match = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        const double power = powers[candidate * longest + size - 1]; /* as much as is needed */
        if (match * match > best * power) {
            best = match * match / power;
            entry = candidate;
            *share = match / power;
        }
    }
    return entry;
}

/* Give every part of what was told the energy of what was given. */
static void keep_energy(const double *given, double *told, size_t size, size_t part)
{
    for (size_t begin = 0; begin < size; begin += part) {
        const size_t end = begin + part < size ? begin + part : size;
        double wanted = 0.0, found = 0.0;
        for (size_t i = begin; i < end; i++) {
            wanted += given[i] * given[i];
            found += told[i] * told[i];
        }
        const double gain = found > 0.0 ? sqrt(wanted / found) : 0.0;
        for (size_t i = begin; i < end; i++)
            told[i] *= gain;
    }
}

void rk_residual_quantise(double *spectrum, const int64_t *edges, size_t vectors,
                          const double *books, const double *powers, size_t rounds,
                          size_t entries, size_t longest, size_t part, double *work)
{
    for (size_t vector = 0; vector < vectors; vector++) {
        const size_t size = (size_t)(edges[vector + 1] - edges[vector]);
        double *told = spectrum + edges[vector], *given = work, *left = work + longest;
        memcpy(given, told, size * sizeof(double));
        memcpy(left, told, size * sizeof(double));
        memset(told, 0, size * sizeof(double));
        for (size_t round = 0; round < rounds; round++) {
            const size_t book = round * entries * longest;
            double share;
            const size_t entry = closest(left, size, books + book, powers + book, entries, longest,
                                         &share);
            for (size_t i = 0; i < size; i++) {
                const double step = share * books[book + entry * longest + i];
                left[i] -= step;
                told[i] += step;
            }
        }
        keep_energy(given, told, size, part);
    }
}

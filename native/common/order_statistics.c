#include "order_statistics.h"

void rk_put_in_place(double *values, size_t count, size_t rank)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        const double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i >= j)
                break;
            const double swap = values[i];
            values[i++] = values[j];
            values[j--] = swap;
        }
        /* values[low..j] <= pivot <= values[j + 1..high] */
        const size_t last = i > j ? j : (i == j && values[i] > pivot ? j - 1 : j);
        if (rank <= last)
            high = last;
        else
            low = last + 1;
    }
}

double rk_median(double *values, size_t count)
{
    const size_t half = count / 2;
    rk_put_in_place(values, count, half);
    if (count % 2)
        return values[half];
    double below = values[0];
    for (size_t i = 1; i < half; i++)
        below = values[i] > below ? values[i] : below;
    return 0.5 * (below + values[half]);
}

static int comes_first(double a, double b, const double *values)
{
    const double of_a = values[(size_t)a], of_b = values[(size_t)b];
    return of_a > of_b || (of_a == of_b && a < b);
}

/* Let a number sink in a heap whose root comes last. */
static void sink(double *heap, size_t at, size_t count, const double *values)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count && comes_first(heap[child], heap[child + 1], values))
            child++;
        if (!comes_first(heap[at], heap[child], values))
            return;
        const double swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

void rk_sort_by(double *numbers, size_t count, const double *values)
{
    for (size_t i = count / 2; i-- > 0;)
        sink(numbers, i, count, values);
    for (size_t last = count; last-- > 1;) {
        const double swap = numbers[0];
        numbers[0] = numbers[last];
        numbers[last] = swap;
        sink(numbers, 0, last, values);
    }
}

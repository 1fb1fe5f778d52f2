#include "restorack_degrade.h"

#include <math.h>

/* 0 for noise, whose flatness is -5.5 dB in one transform, to 1 for pure tones. */
static double tonality(double logs, double energy, double count)
{
    const double flatness_db = 10.0 / log(10.0) * (logs / count - log(energy / count));
    const double tonal = (-flatness_db - 5.5) / 15.0;
    return tonal < 0.0 ? 0.0 : tonal > 1.0 ? 1.0 : tonal;
}

/* The step whose noise is just masked, for every band: the masker's energy is spread over the bands;
   noise lies 6 dB below a noisy masker and 18 dB below a tonal one (ISO/IEC 11172-3, D.2), told apart
   by flatness: the whole's, and the more of the band's own the wider it is. */
static void masked_steps(const rk_perceptual *layout, const double *part, double *steps,
                         double *work)
{
    const size_t bands = layout->bands;
    const int64_t *edges = layout->edges;
    double *energy = work, *logs = work + bands, all_logs = 0.0, all_energy = 0.0;
    for (size_t band = 0; band < bands; band++) {
        energy[band] = logs[band] = 0.0;
        for (int64_t i = edges[band]; i < edges[band + 1]; i++) {
            const double power = part[i] * part[i] + 1e-30;
            energy[band] += power;
            logs[band] += log(power);
        }
        all_logs += logs[band];
        all_energy += energy[band];
    }
    const double whole = tonality(all_logs, all_energy, (double)edges[bands]);
    for (size_t band = 0; band < bands; band++) {
        const double width = (double)(edges[band + 1] - edges[band]);
        const double full = (width - 4.0) / 12.0, own = full < 1.0 ? full : 1.0;
        const double tonal = (1.0 - own) * whole + own * tonality(logs[band], energy[band], width);
        double masker = 0.0;
        for (size_t other = 0; other < bands; other++)
            masker += layout->spread[band * bands + other] * energy[other];
        const double offset = 18.0 * tonal + 6.0 * (1.0 - tonal);
        const double masked = masker / width * pow(10.0, -0.1 * offset);
        const double allowed = masked > layout->quiet[band] ? masked : layout->quiet[band];
        for (int64_t i = edges[band]; i < edges[band + 1]; i++)
            steps[i] = sqrt(12.0 * allowed);
    }
}

/* The quantiser's level: MP3's and AAC's power law, coarser where it is loud. */
static double level_of(double size, double step)
{
    return floor(sqrt(size / step * sqrt(size / step)) + 0.4054);
}

/* Estimate the bits of a frame: levels of a band are taken to fall off geometrically. */
static double bits_of(const rk_perceptual *layout, const double *parts, const double *steps,
                      size_t count, size_t size, double gain)
{
    double total = layout->side_bits;
    for (size_t part = 0; part < count; part++)
        for (size_t band = 0; band < layout->bands; band++) {
            const int64_t first = layout->edges[band], last = layout->edges[band + 1];
            const double step = steps[part * size + (size_t)first] * gain;
            double levels = 0.0;
            for (int64_t i = first; i < last; i++)
                levels += level_of(fabs(parts[part * size + (size_t)i]), step);
            if (levels > 0.0) {
                const double mean = levels / (double)(last - first);
                const double entropy = (1.0 + mean) * log2(1.0 + mean) - mean * log2(mean);
                total += layout->band_bits + (double)(last - first) * (entropy + mean / (1.0 + mean));
            }
        }
    return total;
}

double rk_perceptual_quantise(const rk_perceptual *layout, double *parts, size_t count,
                              size_t size, double bits, double *steps, double *work)
{
    int low = layout->finest, high = layout->coarsest;
    for (size_t part = 0; part < count; part++)
        masked_steps(layout, parts + part * size, steps + part * size, work);
    while (low < high) { /* the finest common gain that fits the bits */
        const int middle = low + (high - low) / 2;
        if (bits_of(layout, parts, steps, count, size, exp2(0.25 * middle)) <= bits)
            high = middle;
        else
            low = middle + 1;
    }
    const double gain = exp2(0.25 * low);
    const double used = bits_of(layout, parts, steps, count, size, gain);
    const size_t end = (size_t)layout->edges[layout->bands];
    for (size_t part = 0; part < count; part++)
        for (size_t i = 0; i < size; i++) {
            double *value = parts + part * size + i;
            const double step = i < end ? steps[part * size + i] * gain : 1.0;
            const double level = i < end ? level_of(fabs(*value), step) : 0.0;
            const double decoded = pow(level, 4.0 / 3.0) * step;
            *value = *value > 0.0 ? decoded : *value < 0.0 ? -decoded : 0.0;
        }
    return used;
}

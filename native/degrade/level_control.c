#include "restorack_degrade.h"

#include <math.h>

double rk_follow(const float *row, double level, const rk_level_settings *settings, float *out,
                 size_t count)
{
    const double floor_level = settings->target / settings->most;
    for (size_t i = 0; i < count; i++) {
        const double size = fabs((double)row[i]);
        if (size > level)
            level += settings->rise * (size - level);
        else
            level += settings->fall * ((size > floor_level ? size : floor_level) - level);
        const double wanted = settings->target / (level > floor_level ? level : floor_level);
        const double gain = wanted < settings->most ? wanted : settings->most;
        out[i] = (float)((double)row[i] * pow(gain, settings->strength));
    }
    return level;
}

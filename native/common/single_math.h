/* Logarithms and exponentials of single precision, within a few units in the last place, in a form that
   compilers make vectors of: no branches and no calls. After Moshier's Cephes library. */

#ifndef RESTORACK_SINGLE_MATH_H
#define RESTORACK_SINGLE_MATH_H

#include <stdint.h>
#include <string.h>

/* Of positive normal values. */
static inline float rk_log_single(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t exponent = (bits - 0x3f3504f3) >> 23;
    bits -= (int32_t)((uint32_t)exponent << 23);
    float m;
    memcpy(&m, &bits, sizeof m);
    const float r = m - 1.0f, squared = r * r, e = (float)exponent;
    float p = 7.0376836292e-2f;
    p = p * r - 1.1514610310e-1f;
    p = p * r + 1.1676998740e-1f;
    p = p * r - 1.2420140846e-1f;
    p = p * r + 1.4249322787e-1f;
    p = p * r - 1.6668057665e-1f;
    p = p * r + 2.0000714765e-1f;
    p = p * r - 2.4999993993e-1f;
    p = p * r + 3.3333331174e-1f;
    p = p * r * squared - 2.12194440e-4f * e - 0.5f * squared;
    return r + p + 0.693359375f * e;
}

/* Of values from -87 to 88; others count as these. */
static inline float rk_exp_single(float x)
{
    x = x > -87.0f ? x : -87.0f;
    x = x < 88.0f ? x : 88.0f;
    const float shifted = x * 1.44269504088896341f + 12582912.0f; /* whole numbers are its last bits */
    const float n = shifted - 12582912.0f, r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

#endif

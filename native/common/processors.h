/* Which kinds of processor a template is compiled for. A file that includes a template does so for
   each: RK_LANES doubles in a vector, RK_NAME(name) a name of its own, RK_TARGET for the compiler. */

#ifndef RESTORACK_PROCESSORS_H
#define RESTORACK_PROCESSORS_H

/* RK_PLAIN_C stands for a compiler without vectors, to test what one would make. */
#if defined(__GNUC__) && !defined(RK_PLAIN_C)
#define RK_VECTORS 1
#else
#define RK_VECTORS 0
#endif

#if RK_VECTORS && (defined(__x86_64__) || defined(__i386__))
#define RK_X86 1
#else
#define RK_X86 0
#endif

#if RK_X86
#define RK_AVX2_TARGET __attribute__((target("avx2,fma")))

/* Whether this processor has AVX2 and fused multiply-adds. */
static inline int rk_has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#endif

/* The same inner loop for each kind of processor. The compiler's own clones need a linker that
   can choose at load time, which macOS and Windows lack; so the choice is made here. */

#include "processors.h"
#include "rows.h"

#if RK_VECTORS
#define RK_INLINED inline __attribute__((always_inline))
#else
#define RK_INLINED inline
#endif

#if RK_X86
#define RK_LANES 16
#define RK_NAME(name) name##_avx512
#define RK_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma")))
#define RK_TILE_1 14
#define RK_TILE_2 12
#define RK_TILE_3 8
#include "rows_template.h"

#define RK_LANES 8
#define RK_NAME(name) name##_avx2
#define RK_TARGET __attribute__((target("avx2,fma")))
#define RK_TILE_1 8
#define RK_TILE_2 6
#define RK_TILE_3 4
#include "rows_template.h"
#endif

/* 128-bit vectors are what every x86-64 and arm64 has; one lane is plain C. */
#if RK_VECTORS
#define RK_LANES 4
#else
#define RK_LANES 1
#endif
#define RK_NAME(name) name##_portable
#define RK_TARGET
#if defined(__aarch64__)
#define RK_TILE_1 16
#define RK_TILE_2 8
#define RK_TILE_3 6
#else
#define RK_TILE_1 8
#define RK_TILE_2 5
#define RK_TILE_3 3
#endif
enum { PORTABLE_LANES = RK_LANES };
#include "rows_template.h"

#if RK_X86
static const rk_rows AVX512 = {"avx512", 16, run_avx512, to_tiles_avx512, from_tiles_avx512};
static const rk_rows AVX2 = {"avx2", 8, run_avx2, to_tiles_avx2, from_tiles_avx2};
#endif
static const rk_rows PORTABLE = {"portable", PORTABLE_LANES, run_portable, to_tiles_portable,
                                 from_tiles_portable};

const rk_rows *rk_rows_at(int place)
{
    const rk_rows *there[4] = {0};
    int count = 0;
#if RK_X86
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq"))
        there[count++] = &AVX512;
    if (avx2)
        there[count++] = &AVX2;
#endif
    there[count++] = &PORTABLE;
    return place >= 0 && place < count ? there[place] : 0;
}

const rk_rows *rk_best_rows(void)
{
    return rk_rows_at(0);
}

/* Vectors of double for the templates: included by each once RK_LANES, RK_NAME and RK_TARGET are
   defined. One lane is plain C, for compilers without vectors. */

#if RK_LANES > 1
typedef double RK_NAME(lanes) __attribute__((vector_size(8 * RK_LANES), aligned(8), may_alias));
typedef long long RK_NAME(bits) __attribute__((vector_size(8 * RK_LANES), aligned(8), may_alias));
#else
typedef double RK_NAME(lanes);
#endif

// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Two builds of each kernel: one for the baseline of the architecture and, on x86-64, one for AVX2,
// chosen on each call by a load and a test. Function multiversioning by ifunc would save those but
// runs its resolvers before the sanitizers are up.

#pragma once

#include <stdbool.h>

#define CK_INLINE static inline __attribute__((always_inline))

// CK_BASELINE_ONLY leaves the AVX2 build out, to test the other one on any machine.
#if defined(__x86_64__) && !defined(CK_BASELINE_ONLY)
#define CK_HAS_AVX2_BUILD 1
#define CK_AVX2 __attribute__((target("avx2")))
CK_INLINE bool ck_use_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

/// Defines `name` for each build from the always-inline `name##_body`.
#if defined(CK_HAS_AVX2_BUILD)
#define CK_DISPATCH(name, parameters, arguments)          \
    CK_AVX2 static void name##_avx2 parameters {          \
        name##_body arguments;                            \
    }                                                     \
    void name parameters {                                \
        if (ck_use_avx2()) {                              \
            name##_avx2 arguments;                        \
        } else {                                          \
            name##_body arguments;                        \
        }                                                 \
    }
#else
#define CK_DISPATCH(name, parameters, arguments) \
    void name parameters { name##_body arguments; }
#endif

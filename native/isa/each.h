// f(i, left) on every vector of an array of n values, in parallel: whole vectors, and at the end one of `left` lanes.
#pragma once
#include "core/parallel.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

enum : int64_t { kEachGrain = 16384 };

template <class F>
static inline void each(int64_t n, F f) {
  parallel_for((n + kLanes - 1) / kLanes, kEachGrain / kLanes, [&](int64_t begin, int64_t end, int) {
    const int64_t whole = end * kLanes <= n ? end * kLanes : n / kLanes * kLanes;
    for (int64_t i = begin * kLanes; i < whole; i += kLanes) f(i, (int64_t)kLanes);
    if (end * kLanes > n && n > whole) f(whole, n - whole);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

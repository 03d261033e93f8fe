// f(i, left) on every vector of an array of n values, in parallel: whole vectors, and at the end one of `left` lanes.
// kCost: picoseconds a value in one thread (a load or two, an operation and a store take 130).
#pragma once
#include "core/parallel.h"
#include "core/region.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

template <int64_t kCost = 130, class F>
static inline void each(int64_t n, F f) {
  parallel_for((n + kLanes - 1) / kLanes, region_grain(kCost) / kLanes, [&](int64_t begin, int64_t end, int) {
    const int64_t whole = end * kLanes <= n ? end * kLanes : n / kLanes * kLanes;
    for (int64_t i = begin * kLanes; i < whole; i += kLanes) f(i, (int64_t)kLanes);
    if (end * kLanes > n && n > whole) f(whole, n - whole);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// When a parallel region pays: the one cost model behind the grains of the kernels.
//
// Fork and join take 0.7 µs while the workers are awake (measured, two threads), and what one thread wrote the other has to
// fetch. Below about 4 µs of work in one thread, sharing loses; a step of a small model is made of such pieces.
#pragma once
#include <cstdint>

namespace saraf {

constexpr int64_t kRegionPicoseconds = 4000000;

// Items that make a region worth sharing, given what one costs in a single thread: a grain for parallel_for.
static constexpr int64_t region_grain(int64_t picoseconds) { return 1 + kRegionPicoseconds / picoseconds; }

// Whether `items` of that cost are worth sharing.
static inline bool region_pays(double items, double picoseconds) { return items * picoseconds > (double)kRegionPicoseconds; }

}  // namespace saraf

// Which cells a window has, and which windows a cell is in. Along one axis.
#pragma once
#include <cstdint>

namespace saraf {

struct PoolRange {
  int64_t begin, end;
};

// Taps [begin, end) of window `o` that lie in the image.
static inline PoolRange pool_taps(int64_t o, int64_t stride, int64_t pad, int64_t kernel, int64_t size) {
  const int64_t first = o * stride - pad;
  return {first < 0 ? -first : 0, first + kernel > size ? size - first : kernel};
}

// Windows [begin, end) that hold cell `i`.
static inline PoolRange pool_windows(int64_t i, int64_t stride, int64_t pad, int64_t kernel, int64_t outputs) {
  const int64_t p = i + pad, begin = p < kernel ? 0 : (p - kernel) / stride + 1, end = p / stride + 1;
  return {begin, end < outputs ? end : outputs};
}

}  // namespace saraf

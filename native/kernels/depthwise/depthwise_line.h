// A strip of up to 16 channels of one line of pixels, each a chain over the same taps: y forwards, dx backwards.
#pragma once
#include "isa/vec16.h"
#include "isa/vmath.h"
#include "kernels/depthwise/depthwise.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Pixels at once: chains enough to hide an FMA's latency, as registers allow.
#if defined(SARAF_ISA_AVX512)
constexpr int kPixels = 8;
#elif SARAF_TILE_OF_SIX
constexpr int kPixels = 4;
#else
constexpr int kPixels = 2;
#endif

SARAF_INLINE vec end_of(vec v, Activation act) {
  switch (act) {
    case kRelu: return max(zero(), v);
    case kSigmoid: return vsigmoid(v);
    case kTanh: return vtanh(v);
    default: return v;
  }
}

// Pixel i meets column `column + i·step` of `line` (the strip's channels of column 0).
struct LineTap {
  const float *line, *w;
  int64_t column;
};

struct LineStrip {
  const LineTap* taps;
  int64_t count, step, columns, stride;  // columns of a line, and floats between them
  const float* bias;
  Activation act;
  float* to;
  int64_t ld, pixels, left;  // floats between pixels of `to`; channels of the strip
};

template <bool kWhole>
SARAF_INLINE void end_pixel(const LineStrip& s, int64_t i, vec v) {
  const int64_t left = kWhole ? kLanes : s.left;
  if (s.bias) v = add(v, load_n(s.bias, left));
  if (s.act != kLinear) v = end_of(v, s.act);
  store_n(s.to + i * s.ld, v, left);
}

template <int P, bool kWhole>
static __attribute__((noinline)) void line_pixels(const LineStrip& s, int64_t i) {
  const int64_t left = kWhole ? kLanes : s.left, next = s.step * s.stride;
  vec sum[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) sum[p] = zero();
  for (const LineTap *t = s.taps, *end = t + s.count; t < end; ++t) {
    const float* from = t->line + (t->column + i * s.step) * s.stride;
    const vec w = load_n(t->w, left);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) sum[p] = fma(load_n(from + p * next, left), w, sum[p]);
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) end_pixel<kWhole>(s, i + p, sum[p]);
}

// A pixel some of whose taps are outside the line.
template <bool kWhole>
static __attribute__((noinline)) void border_pixel(const LineStrip& s, int64_t i) {
  const int64_t left = kWhole ? kLanes : s.left;
  vec sum = zero();
  for (const LineTap *t = s.taps, *end = t + s.count; t < end; ++t) {
    const int64_t column = t->column + i * s.step;
    if (column >= 0 && column < s.columns) sum = fma(load_n(t->line + column * s.stride, left), load_n(t->w, left), sum);
  }
  end_pixel<kWhole>(s, i, sum);
}

// Steps until a value that rises by `step` is no longer below 0, from −x.
static inline int64_t steps_from(int64_t x, int64_t step) { return x <= 0 ? 0 : (x + step - 1) / step; }

template <bool kWhole>
static void line_strip_of(const LineStrip& s) {
  int64_t begin = 0, end = s.pixels, i = 0;  // of the pixels that meet all taps
  for (int64_t t = 0; t < s.count; ++t) {
    const int64_t lo = steps_from(-s.taps[t].column, s.step), hi = steps_from(s.columns - s.taps[t].column, s.step);
    if (lo > begin) begin = lo;
    if (hi < end) end = hi;
  }
  if (begin > s.pixels) begin = s.pixels;
  for (; i < begin; ++i) border_pixel<kWhole>(s, i);
  for (; i + kPixels <= end; i += kPixels) line_pixels<kPixels, kWhole>(s, i);
  if constexpr (kPixels > 4) {
    if (i + 4 <= end) line_pixels<4, kWhole>(s, i), i += 4;
  }
  if constexpr (kPixels > 2) {
    if (i + 2 <= end) line_pixels<2, kWhole>(s, i), i += 2;
  }
  for (; i < end; ++i) line_pixels<1, kWhole>(s, i);
  for (; i < s.pixels; ++i) border_pixel<kWhole>(s, i);
}
static inline void line_strip(const LineStrip& s) { s.left >= kLanes ? line_strip_of<true>(s) : line_strip_of<false>(s); }

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// Moving and joining values whose axes lie in memory by strides: permuting, repeating, padding, cropping, upsampling, sums over
// axes, and element-wise operations between broadcast shapes. Bilinear upsampling.
#pragma once
#include <cstdint>

namespace saraf {

enum : int { kMaxAxes = 8 };

// For every index of the `kept` axes, y[Σ i·y_stride] = the sum over the `reduced` axes (which follow the kept ones) of
// x[Σ i·x_stride]: one value as it is where there is no such axis, else a chunked sum (order.h, plain adds) in row-major order.
// `clear` (a number of values from y on, or 0) sets all of y to 0 before; y then starts at clear_from.
template <class T>
struct MoveArgs {
  const T* x;
  T* y;
  int kept, reduced;
  int64_t length[kMaxAxes], x_stride[kMaxAxes], y_stride[kMaxAxes];
  T* clear_from;
  int64_t clear;
};

enum class Merge : int {
  kAdd = 0,
  kSubtract,
  kMultiply,
  kMaximum,        // b > a ? b : a
  kMinimum,        // b < a ? b : a
  kWhereNotLess,   // b > a ? 0 : c     the gradient that kMaximum hands to a
  kWhereLess,      // b > a ? c : 0                              … to b
  kWhereNotMore,   // b < a ? 0 : c     likewise kMinimum
  kWhereMore,      // b < a ? c : 0
  kPrelu,          // a > 0 ? a : a·b
  kPreluInput,     // a > 0 ? c : a < 0 ? c·b : 0
  kPreluSlope,     // a < 0 ? c·a : 0
  kCount
};

// y = a op b over `axes` axes; y and c (null unless op needs it) are dense, a and b lie by strides (0 repeats), of which the
// last is 0 or 1.
template <class T>
struct MergeArgs {
  const T *a, *b, *c;
  T* y;
  Merge op;
  int axes;
  int64_t length[kMaxAxes], a_stride[kMaxAxes], b_stride[kMaxAxes];
};

// x (N,H,W,C) → y (N,H·sh,W·sw,C), half-pixel centres, clamped at the border. Along an axis output o lies at (2o + 1 - s)/(2s)
// = i + f: the float quotient of whole numbers. Of the four neighbours: t = fma(x01 - x00, fx, x00), b likewise below,
// y = fma(b - t, fy, t). Backward: a chain dx = fma(wy·wx, dy, dx) over the outputs that used the input, row-major, w = f or 1 - f,
// their sum where the border clamps both to one.
struct BilinearShape {
  int64_t N, H, W, C, sh, sw;
};

// Neighbours i0, i1 and share f of i1 for output o of an axis of n inputs, scaled by s.
static inline void bilinear_source(int64_t o, int64_t n, int64_t s, int64_t* i0, int64_t* i1, int64_t* numerator) {
  const int64_t at = 2 * o + 1 - s, below = at < 0 ? -1 : at / (2 * s);
  *numerator = at - below * 2 * s;
  *i0 = below < 0 ? 0 : below;
  *i1 = below + 1 < n ? below + 1 : n - 1;
}

namespace ref {
void f32_move(const MoveArgs<float>& a);
void f64_move(const MoveArgs<double>& a);
void f32_merge(const MergeArgs<float>& a);
void f64_merge(const MergeArgs<double>& a);
void f32_bilinear_fwd(const BilinearShape& s, const float* x, float* y);
void f64_bilinear_fwd(const BilinearShape& s, const double* x, double* y);
void f32_bilinear_bwd(const BilinearShape& s, const float* dy, float* dx);
void f64_bilinear_bwd(const BilinearShape& s, const double* dy, double* dx);
}  // namespace ref

}  // namespace saraf

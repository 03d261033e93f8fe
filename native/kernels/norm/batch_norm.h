// Batch normalisation: x (rows,cols), mean and variance of each column over the rows that the mask counts.
//
// Moments of a column (float32): rows are cut into weight_groups(rows, cols) groups and these into chunks, as in order.h's
// grouped sum. Of a chunk's n counted rows: m = chain of adds / n, s = FMA chain of (x - m)². Chunks, then groups, are joined
// in ascending order, the first with any row assigned: d = m₂ - m₁, t = n₂ / (n₁ + n₂), m = fma(d, t, m₁),
// s = fma(d·d, n₁·t, s₁ + s₂). One pass over memory, and as exact as two for any mean.
//
// Variants: simd takes 16 columns at a time; threads share row groups × blocks of columns, then rows.
#pragma once
#include <cstdint>

namespace saraf {

// training: mean, variance = s / n of the counted rows (0 where there is none), rstd = 1 / √(variance + epsilon), and where
//   moving is not null moving = fma(moving, momentum, batch·(1 - momentum)) of both.
// else: mean and variance are the moving ones.
// y = fma((x - mean)·rstd, gamma, beta), n·gamma, n + beta or n, by which are given. y may be x.
template <class T>
struct BatchNormArgs {
  int64_t rows, cols;
  const T* x;
  const uint8_t* mask;  // one byte for `rows_per_mask` rows in a row, or null
  int64_t rows_per_mask;
  const T *gamma, *beta;  // (cols) or null
  T *y, *mean, *rstd;     // mean, rstd (cols) are kept
  T *moving_mean, *moving_variance;
  T epsilon, momentum;
  bool training;
};

// n = (x - mean)·rstd;  dgamma = grouped FMA sum of dy·n over all rows, dbeta = grouped sum of dy;  g = gamma·rstd (rstd);
// dx = g·(dy - fma(n, dgamma / W, dbeta / W)) of the W rows that counted, g·dy of the others and where `training` is false.
// dx may be dy or x. dx, dgamma, dbeta may be null.
template <class T>
struct BatchNormGradArgs {
  int64_t rows, cols;
  const T* x;
  const uint8_t* mask;
  int64_t rows_per_mask;
  const T *gamma, *mean, *rstd, *dy;
  T *dx, *dgamma, *dbeta;
  bool training;
};

// Rows in [begin, end) that count.
static inline int64_t counted_rows(const uint8_t* mask, int64_t per, int64_t begin, int64_t end) {
  if (!mask) return end - begin;
  int64_t n = 0;
  for (int64_t r = begin; r < end; ++r) n += mask[r / per] != 0;
  return n;
}

namespace ref {
void f32_batch_norm_fwd(const BatchNormArgs<float>& a);
void f64_batch_norm_fwd(const BatchNormArgs<double>& a);
void f32_batch_norm_bwd(const BatchNormGradArgs<float>& a);
void f64_batch_norm_bwd(const BatchNormGradArgs<double>& a);
}  // namespace ref

}  // namespace saraf

// Layer normalisation over the rows of x (rows,cols). Row sums follow lane_sum16 of order.h, sums over rows its grouped sum.
//
// Variants: simd takes 16 columns at a time; gradients of gamma and beta share threads by column strips and row groups.
#pragma once
#include <cstdint>

namespace saraf {

// mean = lane_sum(x) / cols;  var = lane_sum(fma(x - mean, x - mean, lane)) / cols;  rstd = 1 / √(var + epsilon);
// n = (x - mean)·rstd;  y = fma(n, gamma, beta), n·gamma, n + beta or n, by which are given. mean, rstd (rows) are kept.
// y may be x.
template <class T>
struct LayerNormArgs {
  int64_t rows, cols;
  const T *x, *gamma, *beta;  // gamma, beta (cols) or null
  T *y, *mean, *rstd;
  T epsilon;
};

// n as above, h = dy·gamma (dy without gamma);  a = lane_sum(h) / cols;  b = lane_sum(fma(h, n, lane)) / cols;
// dx = rstd·fma(-n, b, h - a).  dgamma = grouped FMA sum of dy·n over rows, dbeta = grouped sum of dy. dx may be dy or x.
// dx, dgamma, dbeta may be null.
template <class T>
struct LayerNormGradArgs {
  int64_t rows, cols;
  const T *x, *gamma, *mean, *rstd, *dy;
  T *dx, *dgamma, *dbeta;
};

namespace ref {
void f32_layer_norm_fwd(const LayerNormArgs<float>& a);
void f64_layer_norm_fwd(const LayerNormArgs<double>& a);
void f32_layer_norm_bwd(const LayerNormGradArgs<float>& a);
void f64_layer_norm_bwd(const LayerNormGradArgs<double>& a);
}  // namespace ref

}  // namespace saraf

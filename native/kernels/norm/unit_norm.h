// Division of each row by the root of its (mean) square: unit normalisation and RMS normalisation. x (rows,cols).
#pragma once
#include <cstdint>

namespace saraf {

// s = lane_sum(fma(x, x, lane));  scale = min(1 / √(s / divisor + epsilon), largest);  n = x·scale;  y = n·gamma (n without gamma).
// y may be x. scale (rows) is kept.
template <class T>
struct UnitNormArgs {
  int64_t rows, cols;
  const T *x, *gamma;
  T *y, *scale;
  T divisor, epsilon, largest;
};

// h = dy·gamma (dy);  b = lane_sum(fma(h, n, lane)) / divisor;  dx = scale·fma(-n, b, h).  dgamma = grouped FMA sum of dy·n over rows.
// dx may be dy. dx, dgamma may be null.
template <class T>
struct UnitNormGradArgs {
  int64_t rows, cols;
  const T *x, *gamma, *scale, *dy;
  T *dx, *dgamma;
  T divisor;
};

namespace ref {
void f32_unit_norm_fwd(const UnitNormArgs<float>& a);
void f64_unit_norm_fwd(const UnitNormArgs<double>& a);
void f32_unit_norm_bwd(const UnitNormGradArgs<float>& a);
void f64_unit_norm_bwd(const UnitNormGradArgs<double>& a);
}  // namespace ref

}  // namespace saraf

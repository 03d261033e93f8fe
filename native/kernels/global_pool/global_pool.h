// Pooling over all cells of an item: x (N,cells,C) → y (N,C).
//
// Average: y = (Σ over valid cells, plain sum in ascending order) / count, the count exact; backward dx = dy/count on valid cells,
// else 0. mask (N,cells) is 1 where valid, or null. An item without a valid cell gives 0/0 = NaN, and gradients of 0.
// Max: the largest cell; the first of two zeros of either sign. A NaN in a column gives NaN. Backward: cells equal to the maximum
// share dy evenly (dy/count), a NaN equals none.
// Variants: simd takes 16 channels at a time.
#pragma once
#include <cstdint>

namespace saraf {

struct GlobalPoolShape {
  int64_t N, cells, C;
};

namespace ref {
void f32_global_average_fwd(const GlobalPoolShape& s, const float* x, const uint8_t* mask, float* y);
void f64_global_average_fwd(const GlobalPoolShape& s, const double* x, const uint8_t* mask, double* y);
void f32_global_average_bwd(const GlobalPoolShape& s, const float* dy, const uint8_t* mask, float* dx);
void f64_global_average_bwd(const GlobalPoolShape& s, const double* dy, const uint8_t* mask, double* dx);
void f32_global_max_fwd(const GlobalPoolShape& s, const float* x, float* y);
void f64_global_max_fwd(const GlobalPoolShape& s, const double* x, double* y);
void f32_global_max_bwd(const GlobalPoolShape& s, const float* x, const float* y, const float* dy, float* dx);
void f64_global_max_bwd(const GlobalPoolShape& s, const double* x, const double* y, const double* dy, double* dx);
}  // namespace ref

}  // namespace saraf

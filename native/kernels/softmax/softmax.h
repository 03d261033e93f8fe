// Softmax over the rows of a matrix (rows,cols), and its fusion with cross-entropy. Rows are independent; each row's sums
// follow lane_sum16 of order.h, its maximum needs no order.
//
//   m = max z,  e = exp(z - m),  S = lane_sum(e),  p = e / S,  L = log S
//
// A NaN in a row makes the whole row NaN; -inf has probability 0.
// Variants: simd takes 16 columns at a time and keeps rows of up to 16 columns in registers.
#pragma once
#include <cstdint>

namespace saraf {

// probs (rows,cols) = p, loss[r] = w·(T·L - D), dz = (w·scale)·fma(p, T, -t), where
//   soft targets t (rows,cols): T = lane_sum(t), D = lane_sum(fma(t, z - m, lane)) over t != 0, so that 0·log 0 is 0;
//   class numbers label (rows): t is 1 at the label, else 0: T = 1, D = z[label] - m. The same bits as one-hot rows.
// The product w·scale is rounded once per row. w is weight[r], 1 without weights. loss or dz may be null. probs may be z,
// dz may be z, if probs and dz are two arrays. Labels were checked by the caller.
template <class T>
struct CrossEntropyArgs {
  int64_t rows, cols;
  const T* z;
  const int32_t* labels;  // (rows), or null where `target` is given
  const T* target;        // (rows,cols), or null
  const T* weight;        // (rows) or null
  T* probs;
  T* loss;  // (rows) or null
  T* dz;    // (rows,cols) or null
  T scale;
};

namespace ref {
// y = p. y may be x.
void f32_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols);
void f64_softmax_fwd(const double* x, double* y, int64_t rows, int64_t cols);
// dx = y·(dy - s), s = lane_sum(fma(dy, y, lane)). dx may be dy or y.
void f32_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols);
void f64_softmax_bwd(const double* y, const double* dy, double* dx, int64_t rows, int64_t cols);
void f32_cross_entropy(const CrossEntropyArgs<float>& a);
void f64_cross_entropy(const CrossEntropyArgs<double>& a);
}  // namespace ref

}  // namespace saraf

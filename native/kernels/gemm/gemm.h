// Matrix products, and what a dense layer needs round them.
#pragma once
#include <cstdint>

#include "core/shape.h"

namespace saraf {

// c (M,N) = act(op(a)·op(b) + bias). op(a) is (M,K): a[m·lda + k], or with ta a[k·lda + m]; op(b) is (K,N): b[k·ldb + n], or
// with tb b[n·ldb + k]. c is written with `=` and may not alias a or b. Order: chunked sum; with weight_gradient the
// grouped sum of order.h (no bias or activation then).
template <class T>
struct GemmArgs {
  int64_t M, N, K;
  const T* a;
  int64_t lda;
  bool ta;
  const T* b;
  int64_t ldb;
  bool tb;
  T* c;
  int64_t ldc;
  const T* bias;  // (N) or null
  Activation act;
  bool weight_gradient;
};

namespace ref {
void f32_gemm(const GemmArgs<float>& g);
void f64_gemm(const GemmArgs<double>& g);

// y (cols) = sum of the rows of x (rows,cols), row stride ldx. Order: grouped sum over rows, plain adds.
void f32_column_sum(const float* x, int64_t rows, int64_t cols, int64_t ldx, float* y);
void f64_column_sum(const double* x, int64_t rows, int64_t cols, int64_t ldx, double* y);
}  // namespace ref

}  // namespace saraf

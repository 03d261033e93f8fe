#include "kernels/gemm/gemm.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void gemm(const GemmArgs<T>& g) {
  const int64_t groups = g.weight_gradient ? weight_groups(g.K, g.M * g.N) : 1;
  parallel_for(g.M, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t m = begin; m < end; ++m) {
      for (int64_t n = 0; n < g.N; ++n) {
        T sum = ordered_dot(
            T(0), g.K, groups, [&](int64_t k) { return g.ta ? g.a[k * g.lda + m] : g.a[m * g.lda + k]; },
            [&](int64_t k) { return g.tb ? g.b[n * g.ldb + k] : g.b[k * g.ldb + n]; });
        if (g.bias) sum = sum + g.bias[n];
        g.c[m * g.ldc + n] = ref_activate(sum, g.act);
      }
    }
  });
}

template <class T>
void column_sum(const T* x, int64_t rows, int64_t cols, int64_t ldx, T* y) {
  const int64_t groups = weight_groups(rows, cols);
  for (int64_t c = 0; c < cols; ++c) y[c] = ordered_sum(T(0), rows, groups, [&](int64_t r) { return x[r * ldx + c]; });
}

}  // namespace

void f32_gemm(const GemmArgs<float>& g) {
  SARAF_MARK(f32_gemm);
  gemm(g);
}
void f64_gemm(const GemmArgs<double>& g) { gemm(g); }

void f32_column_sum(const float* x, int64_t rows, int64_t cols, int64_t ldx, float* y) {
  SARAF_MARK(f32_column_sum);
  column_sum(x, rows, cols, ldx, y);
}
void f64_column_sum(const double* x, int64_t rows, int64_t cols, int64_t ldx, double* y) { column_sum(x, rows, cols, ldx, y); }

}  // namespace ref
}  // namespace saraf

#include "kernels/norm/norm.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void layer_norm_fwd(const LayerNormArgs<T>& a) {
  const int64_t cols = a.cols;
  parallel_for(a.rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* x = a.x + r * cols;
      const T mean = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + x[c]; }) / (T)cols;
      const T var = lane_sum(T(0), cols, [&](int64_t c, T lane) { return ref_fma(x[c] - mean, x[c] - mean, lane); }) / (T)cols;
      const T rstd = T(1) / std::sqrt(var + a.epsilon);
      a.mean[r] = mean;
      a.rstd[r] = rstd;
      for (int64_t c = 0; c < cols; ++c) {
        const T n = (x[c] - mean) * rstd;
        a.y[r * cols + c] = a.gamma && a.beta ? ref_fma(n, a.gamma[c], a.beta[c]) : a.gamma ? n * a.gamma[c] : a.beta ? n + a.beta[c] : n;
      }
    }
  });
}

template <class T>
void layer_norm_bwd(const LayerNormGradArgs<T>& a) {
  const int64_t rows = a.rows, cols = a.cols, groups = weight_groups(rows, cols);
  auto normal = [&](int64_t r, int64_t c) { return (a.x[r * cols + c] - a.mean[r]) * a.rstd[r]; };
  if (a.dgamma || a.dbeta) {
    parallel_for(cols, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t c = begin; c < end; ++c) {
        auto gradient = [&](int64_t r) { return a.dy[r * cols + c]; };
        if (a.dgamma) a.dgamma[c] = ordered_dot(T(0), rows, groups, gradient, [&](int64_t r) { return normal(r, c); });
        if (a.dbeta) a.dbeta[c] = ordered_sum(T(0), rows, groups, gradient);
      }
    });
  }
  if (!a.dx) return;
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      auto h = [&](int64_t c) { return a.gamma ? a.dy[r * cols + c] * a.gamma[c] : a.dy[r * cols + c]; };
      const T mean_h = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + h(c); }) / (T)cols;
      const T mean_hn = lane_sum(T(0), cols, [&](int64_t c, T lane) { return ref_fma(h(c), normal(r, c), lane); }) / (T)cols;
      for (int64_t c = 0; c < cols; ++c) a.dx[r * cols + c] = a.rstd[r] * ref_fma(-normal(r, c), mean_hn, h(c) - mean_h);
    }
  });
}

}  // namespace

void f32_layer_norm_fwd(const LayerNormArgs<float>& a) {
  SARAF_MARK(f32_layer_norm_fwd);
  layer_norm_fwd(a);
}
void f64_layer_norm_fwd(const LayerNormArgs<double>& a) { layer_norm_fwd(a); }

void f32_layer_norm_bwd(const LayerNormGradArgs<float>& a) {
  SARAF_MARK(f32_layer_norm_bwd);
  layer_norm_bwd(a);
}
void f64_layer_norm_bwd(const LayerNormGradArgs<double>& a) { layer_norm_bwd(a); }

}  // namespace ref
}  // namespace saraf

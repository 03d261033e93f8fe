#include "kernels/norm/batch_norm.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
struct Moments {
  int64_t n;
  T mean, squares;
};

Moments<float> join(Moments<float> a, Moments<float> b) {
  if (a.n == 0) return b;
  if (b.n == 0) return a;
  const float d = b.mean - a.mean, t = (float)b.n / (float)(a.n + b.n);
  return {a.n + b.n, std::fmaf(d, t, a.mean), std::fmaf(d * d, (float)a.n * t, a.squares + b.squares)};
}

// Of the rows [begin, end) of column c.
template <class T>
Moments<T> direct_moments(const BatchNormArgs<T>& a, int64_t c, int64_t begin, int64_t end) {
  auto counts = [&](int64_t r) { return !a.mask || a.mask[r / a.rows_per_mask] != 0; };
  const int64_t n = counted_rows(a.mask, a.rows_per_mask, begin, end);
  if (n == 0) return {0, T(0), T(0)};
  T sum = 0, squares = 0;
  for (int64_t r = begin; r < end; ++r)
    if (counts(r)) sum = sum + a.x[r * a.cols + c];
  const T mean = sum / (T)n;
  for (int64_t r = begin; r < end; ++r)
    if (counts(r)) {
      const T d = a.x[r * a.cols + c] - mean;
      squares = ref_fma(d, d, squares);
    }
  return {n, mean, squares};
}

Moments<double> moments(const BatchNormArgs<double>& a, int64_t c) { return direct_moments(a, c, 0, a.rows); }
Moments<float> moments(const BatchNormArgs<float>& a, int64_t c) {
  const int64_t groups = weight_groups(a.rows, a.cols);
  Moments<float> total{0, 0, 0};
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = group_begin(a.rows, groups, g + 1);
    Moments<float> group{0, 0, 0};
    for (int64_t r = group_begin(a.rows, groups, g); r < end;) {
      const int64_t stop = r + next_chunk(end - r);
      group = join(group, direct_moments(a, c, r, stop));
      r = stop;
    }
    total = join(total, group);
  }
  return total;
}

template <class T>
void batch_norm_fwd(const BatchNormArgs<T>& a) {
  parallel_for(a.cols, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t c = begin; c < end; ++c) {
      T mean, variance;
      if (a.training) {
        const Moments<T> m = moments(a, c);
        mean = m.mean;
        variance = m.n == 0 ? T(0) : m.squares / (T)m.n;
        if (a.moving_mean) a.moving_mean[c] = ref_fma(a.moving_mean[c], a.momentum, mean * (T(1) - a.momentum));
        if (a.moving_variance) a.moving_variance[c] = ref_fma(a.moving_variance[c], a.momentum, variance * (T(1) - a.momentum));
      } else {
        mean = a.moving_mean[c];
        variance = a.moving_variance[c];
      }
      const T rstd = T(1) / std::sqrt(variance + a.epsilon);
      a.mean[c] = mean;
      a.rstd[c] = rstd;
      for (int64_t r = 0; r < a.rows; ++r) {
        const T n = (a.x[r * a.cols + c] - mean) * rstd;
        a.y[r * a.cols + c] = a.gamma && a.beta ? ref_fma(n, a.gamma[c], a.beta[c]) : a.gamma ? n * a.gamma[c] : a.beta ? n + a.beta[c] : n;
      }
    }
  });
}

template <class T>
void batch_norm_bwd(const BatchNormGradArgs<T>& a) {
  const int64_t rows = a.rows, cols = a.cols, groups = weight_groups(rows, cols);
  const T counted = (T)counted_rows(a.mask, a.rows_per_mask, 0, rows);
  parallel_for(cols, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t c = begin; c < end; ++c) {
      auto gradient = [&](int64_t r) { return a.dy[r * cols + c]; };
      auto normal = [&](int64_t r) { return (a.x[r * cols + c] - a.mean[c]) * a.rstd[c]; };
      const T dgamma = ordered_dot(T(0), rows, groups, gradient, normal), dbeta = ordered_sum(T(0), rows, groups, gradient);
      if (a.dgamma) a.dgamma[c] = dgamma;
      if (a.dbeta) a.dbeta[c] = dbeta;
      if (!a.dx) continue;
      const T g = a.gamma ? a.gamma[c] * a.rstd[c] : a.rstd[c], mean_dn = dgamma / counted, mean_d = dbeta / counted;
      for (int64_t r = 0; r < rows; ++r) {
        const bool counts = a.training && (!a.mask || a.mask[r / a.rows_per_mask] != 0);
        const T d = gradient(r);
        a.dx[r * cols + c] = g * (counts ? d - ref_fma(normal(r), mean_dn, mean_d) : d);
      }
    }
  });
}

}  // namespace

void f32_batch_norm_fwd(const BatchNormArgs<float>& a) {
  SARAF_MARK(f32_batch_norm_fwd);
  batch_norm_fwd(a);
}
void f64_batch_norm_fwd(const BatchNormArgs<double>& a) { batch_norm_fwd(a); }

void f32_batch_norm_bwd(const BatchNormGradArgs<float>& a) {
  SARAF_MARK(f32_batch_norm_bwd);
  batch_norm_bwd(a);
}
void f64_batch_norm_bwd(const BatchNormGradArgs<double>& a) { batch_norm_bwd(a); }

}  // namespace ref
}  // namespace saraf

#include "kernels/softmax/softmax.h"

#include <limits>

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
T row_max(const T* x, int64_t cols) {
  T m = -std::numeric_limits<T>::infinity();
  for (int64_t c = 0; c < cols; ++c) m = m > x[c] ? m : x[c];
  return m;
}

template <class T>
void softmax_fwd(const T* x, T* y, int64_t rows, int64_t cols) {
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* in = x + r * cols;
      T* out = y + r * cols;
      const T m = row_max(in, cols);
      for (int64_t c = 0; c < cols; ++c) out[c] = ref_exp(in[c] - m);
      const T s = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + out[c]; });
      for (int64_t c = 0; c < cols; ++c) out[c] = out[c] / s;
    }
  });
}

template <class T>
void softmax_bwd(const T* y, const T* dy, T* dx, int64_t rows, int64_t cols) {
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T *p = y + r * cols, *d = dy + r * cols;
      const T s = lane_sum(T(0), cols, [&](int64_t c, T lane) { return ref_fma(d[c], p[c], lane); });
      for (int64_t c = 0; c < cols; ++c) dx[r * cols + c] = p[c] * (d[c] - s);
    }
  });
}

template <class T>
void cross_entropy(const CrossEntropyArgs<T>& a) {
  const int64_t cols = a.cols;
  parallel_for(a.rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* z = a.z + r * cols;
      const T* t = a.target ? a.target + r * cols : nullptr;
      T* p = a.probs + r * cols;
      const T w = a.weight ? a.weight[r] : T(1), m = row_max(z, cols);
      T total = 1, dot;
      if (t) {
        total = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + t[c]; });
        dot = lane_sum(T(0), cols, [&](int64_t c, T lane) { return t[c] < 0 || t[c] > 0 ? ref_fma(t[c], z[c] - m, lane) : lane; });
      } else {
        dot = z[a.labels[r]] - m;
      }
      for (int64_t c = 0; c < cols; ++c) p[c] = ref_exp(z[c] - m);
      const T s = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + p[c]; });
      for (int64_t c = 0; c < cols; ++c) p[c] = p[c] / s;
      if (a.loss) a.loss[r] = w * (total * ref_log(s) - dot);
      if (!a.dz) continue;
      const T ws = w * a.scale;
      for (int64_t c = 0; c < cols; ++c) {
        const T target = t ? t[c] : c == a.labels[r] ? T(1) : T(0);
        a.dz[r * cols + c] = ws * ref_fma(p[c], total, -target);
      }
    }
  });
}

}  // namespace

void f32_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_softmax_fwd);
  softmax_fwd(x, y, rows, cols);
}
void f64_softmax_fwd(const double* x, double* y, int64_t rows, int64_t cols) { softmax_fwd(x, y, rows, cols); }

void f32_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_softmax_bwd);
  softmax_bwd(y, dy, dx, rows, cols);
}
void f64_softmax_bwd(const double* y, const double* dy, double* dx, int64_t rows, int64_t cols) { softmax_bwd(y, dy, dx, rows, cols); }

void f32_cross_entropy(const CrossEntropyArgs<float>& a) {
  SARAF_MARK(f32_cross_entropy);
  cross_entropy(a);
}
void f64_cross_entropy(const CrossEntropyArgs<double>& a) { cross_entropy(a); }

}  // namespace ref
}  // namespace saraf

#include "kernels/norm/unit_norm.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void unit_norm_fwd(const UnitNormArgs<T>& a) {
  const int64_t cols = a.cols;
  parallel_for(a.rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const T* x = a.x + r * cols;
      const T squares = lane_sum(T(0), cols, [&](int64_t c, T lane) { return ref_fma(x[c], x[c], lane); });
      const T raw = T(1) / std::sqrt(squares / a.divisor + a.epsilon), scale = raw < a.largest ? raw : a.largest;
      a.scale[r] = scale;
      for (int64_t c = 0; c < cols; ++c) a.y[r * cols + c] = a.gamma ? x[c] * scale * a.gamma[c] : x[c] * scale;
    }
  });
}

template <class T>
void unit_norm_bwd(const UnitNormGradArgs<T>& a) {
  const int64_t rows = a.rows, cols = a.cols, groups = weight_groups(rows, cols);
  auto normal = [&](int64_t r, int64_t c) { return a.x[r * cols + c] * a.scale[r]; };
  if (a.dgamma) {
    parallel_for(cols, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t c = begin; c < end; ++c)
        a.dgamma[c] = ordered_dot(
            T(0), rows, groups, [&](int64_t r) { return a.dy[r * cols + c]; }, [&](int64_t r) { return normal(r, c); });
    });
  }
  if (!a.dx) return;
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      auto h = [&](int64_t c) { return a.gamma ? a.dy[r * cols + c] * a.gamma[c] : a.dy[r * cols + c]; };
      const T b = lane_sum(T(0), cols, [&](int64_t c, T lane) { return ref_fma(h(c), normal(r, c), lane); }) / a.divisor;
      for (int64_t c = 0; c < cols; ++c) a.dx[r * cols + c] = a.scale[r] * ref_fma(-normal(r, c), b, h(c));
    }
  });
}

}  // namespace

void f32_unit_norm_fwd(const UnitNormArgs<float>& a) {
  SARAF_MARK(f32_unit_norm_fwd);
  unit_norm_fwd(a);
}
void f64_unit_norm_fwd(const UnitNormArgs<double>& a) { unit_norm_fwd(a); }

void f32_unit_norm_bwd(const UnitNormGradArgs<float>& a) {
  SARAF_MARK(f32_unit_norm_bwd);
  unit_norm_bwd(a);
}
void f64_unit_norm_bwd(const UnitNormGradArgs<double>& a) { unit_norm_bwd(a); }

}  // namespace ref
}  // namespace saraf

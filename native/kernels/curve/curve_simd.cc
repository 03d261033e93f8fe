#include "core/marks.h"
#include "isa/each.h"
#include "isa/lanes.h"
#include "kernels/curve/curve_math.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {
int64_t row_grain(int64_t cols) { return 1 + region_grain(400) / (cols + 16); }
}  // namespace

// The switch over the curve stands inside the loop: it is the same way every time, and one loop is compiled instead of twenty.
void f32_curve_fwd(const float* x, float* y, int64_t n, Curve curve, CurveParams<float> p) {
  SARAF_MARK(f32_curve_fwd);
  each<300>(n, [=](int64_t i, int64_t left) { store_n(y + i, curve_value(load_n(x + i, left), curve, p), left); });
}
void f32_curve_bwd(const float* x, const float* dy, float* dx, int64_t n, Curve curve, CurveParams<float> p) {
  SARAF_MARK(f32_curve_bwd);
  each<400>(n, [=](int64_t i, int64_t left) {
    store_n(dx + i, mul(load_n(dy + i, left), curve_slope(load_n(x + i, left), curve, p)), left);
  });
}

void f32_log_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_log_softmax_fwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float* in = x + r * cols;
      vec largest = set1(-__builtin_inff()), sum = zero();
      for (int64_t c = 0; c < cols; c += kLanes) largest = max(largest, first_lanes(load_n(in + c, cols - c), cols - c, set1(-__builtin_inff())));
      const vec m = set1(lane_max(largest));
      for (int64_t c = 0; c < cols; c += kLanes) sum = add(sum, first_lanes(vexp(sub(load_n(in + c, cols - c), m)), cols - c, zero()));
      const vec s = vlog(set1(lane_tree(sum)));
      for (int64_t c = 0; c < cols; c += kLanes) store_n(y + r * cols + c, sub(sub(load_n(in + c, cols - c), m), s), cols - c);
    }
  });
}
void f32_log_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_log_softmax_bwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float *out = y + r * cols, *d = dy + r * cols;
      vec lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) lane = add(lane, load_n(d + c, cols - c));
      const vec s = set1(lane_tree(lane));
      for (int64_t c = 0; c < cols; c += kLanes)
        store_n(dx + r * cols + c, fma(neg(vexp(load_n(out + c, cols - c))), s, load_n(d + c, cols - c)), cols - c);
    }
  });
}

void f32_glu_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_glu_fwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < cols; c += kLanes) {
        const float* in = x + 2 * r * cols + c;
        store_n(y + r * cols + c, mul(load_n(in, cols - c), vsigmoid(load_n(in + cols, cols - c))), cols - c);
      }
  });
}
void f32_glu_bwd(const float* x, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_glu_bwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < cols; c += kLanes) {
        const int64_t i = 2 * r * cols + c, left = cols - c;
        const vec a = load_n(x + i, left), s = vsigmoid(load_n(x + i + cols, left)), d = load_n(dy + r * cols + c, left);
        store_n(dx + i, mul(d, s), left);
        store_n(dx + i + cols, mul(mul(d, a), mul(s, sub(set1(1.0f), s))), left);
      }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "kernels/softmax/softmax.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "isa/lanes.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

enum : int64_t { kGrain = 8192 };

int64_t row_grain(int64_t cols) { return 1 + kGrain / (cols + 16); }

SARAF_INLINE float row_max(const float* x, int64_t cols) {
  if (cols < kLanes) return lane_max(first_lanes(load_n(x, cols), cols, set1(-__builtin_inff())));
  vec m = load(x);
  for (int64_t c = kLanes; c + kLanes <= cols; c += kLanes) m = max(m, load(x + c));
  return lane_max(max(m, load(x + cols - kLanes)));
}

SARAF_INLINE vec shifted_exp(vec z, vec m, int64_t left) { return first_lanes(vexp(sub(z, m)), left, zero()); }

void softmax_row(const float* x, float* y, int64_t cols) {
  const vec m = set1(row_max(x, cols));
  if (cols <= kLanes) {
    const vec e = shifted_exp(load_n(x, cols), m, cols);
    store_n(y, div(e, set1(lane_tree(e))), cols);
    return;
  }
  vec s = zero();
  for (int64_t c = 0; c < cols; c += kLanes) {
    const vec e = shifted_exp(load_n(x + c, cols - c), m, cols - c);
    store_n(y + c, e, cols - c);
    s = add(s, e);
  }
  const vec sum = set1(lane_tree(s));
  for (int64_t c = 0; c < cols; c += kLanes) store_n(y + c, div(load_n(y + c, cols - c), sum), cols - c);
}

// One row; with soft targets t, else with a label. `e` is kept in a register where the row fits.
SARAF_INLINE void cross_entropy_row(const float* z, const float* t, int64_t label, float w, float scale, float* p, float* loss, float* dz, int64_t cols) {
  const float largest = row_max(z, cols);
  const vec m = set1(largest);
  const float at_label = t ? 0.0f : z[label] - largest;
  vec s = zero(), total = zero(), dot = zero(), e = zero();
  for (int64_t c = 0; c < cols; c += kLanes) {
    const int64_t left = cols - c;
    const vec x = load_n(z + c, left);
    if (t) {
      const vec target = load_n(t + c, left);
      total = add(total, target);
      dot = select(gt(abs(target), zero()), fma(target, sub(x, m), dot), dot);
    }
    e = shifted_exp(x, m, left);
    s = add(s, e);
    if (cols > kLanes) store_n(p + c, e, left);
  }
  const float sum = lane_tree(s), targets = t ? lane_tree(total) : 1.0f, ws = w * scale;
  if (loss) *loss = w * (targets * first_lane(vlog(set1(sum))) - (t ? lane_tree(dot) : at_label));
  const vec vsum = set1(sum), vtargets = set1(targets), vws = set1(ws);
  for (int64_t c = 0; c < cols; c += kLanes) {
    const int64_t left = cols - c;
    const vec q = div(cols > kLanes ? load_n(p + c, left) : e, vsum);
    store_n(p + c, q, left);
    if (dz) store_n(dz + c, mul(vws, t ? fma(q, vtargets, neg(load_n(t + c, left))) : q), left);
  }
  if (dz && !t) dz[label] = ws * (p[label] - 1.0f);
}

}  // namespace

void f32_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_softmax_fwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) softmax_row(x + r * cols, y + r * cols, cols);
  });
}

void f32_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_softmax_bwd);
  parallel_for(rows, row_grain(cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float *p = y + r * cols, *d = dy + r * cols;
      vec lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) lane = fma(load_n(d + c, cols - c), load_n(p + c, cols - c), lane);
      const vec s = set1(lane_tree(lane));
      for (int64_t c = 0; c < cols; c += kLanes)
        store_n(dx + r * cols + c, mul(load_n(p + c, cols - c), sub(load_n(d + c, cols - c), s)), cols - c);
    }
  });
}

void f32_cross_entropy(const CrossEntropyArgs<float>& a) {
  SARAF_MARK(f32_cross_entropy);
  const CrossEntropyArgs<float> b = a;
  parallel_for(b.rows, row_grain(b.cols), [&b](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t at = r * b.cols;
      cross_entropy_row(b.z + at, b.target ? b.target + at : nullptr, b.labels ? b.labels[r] : 0, b.weight ? b.weight[r] : 1.0f, b.scale,
                        b.probs + at, b.loss ? b.loss + r : nullptr, b.dz ? b.dz + at : nullptr, b.cols);
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

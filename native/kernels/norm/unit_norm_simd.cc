#include "kernels/norm/unit_norm.h"

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "isa/lanes.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

int64_t row_grain(int64_t cols) { return 1 + region_grain(200) / (cols + 16); }

void gamma_gradient(const UnitNormGradArgs<float>& a) {
  const int64_t rows = a.rows, cols = a.cols, groups = weight_groups(rows, cols), strips = (cols + kLanes - 1) / kLanes;
  const int64_t width = strips * kLanes;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * width));
  parallel_for(groups * strips, 1 + region_grain(150) / (rows / groups + 1) / kLanes, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / strips, c = t % strips * kLanes, left = cols - c, stop = group_begin(rows, groups, g + 1);
      int64_t r = group_begin(rows, groups, g);
      vec sum = zero();
      for (bool first = true; r < stop; first = false) {
        const int64_t chunk_end = r + next_chunk(stop - r);
        vec chain = zero();
        for (; r < chunk_end; ++r)
          chain = fma(load_n(a.dy + r * cols + c, left), mul(load_n(a.x + r * cols + c, left), set1(a.scale[r])), chain);
        sum = first ? chain : add(sum, chain);
      }
      store(sums + g * width + c, sum);
    }
  });
  for (int64_t c = 0; c < cols; c += kLanes) {
    vec sum = load(sums + c);
    for (int64_t g = 1; g < groups; ++g) sum = add(sum, load(sums + g * width + c));
    store_n(a.dgamma + c, sum, cols - c);
  }
}

}  // namespace

void f32_unit_norm_fwd(const UnitNormArgs<float>& args) {
  SARAF_MARK(f32_unit_norm_fwd);
  const UnitNormArgs<float> a = args;
  const int64_t cols = a.cols;
  parallel_for(a.rows, row_grain(cols), [&a, cols](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float* x = a.x + r * cols;
      vec lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) {
        const vec v = load_n(x + c, cols - c);
        lane = fma(v, v, lane);
      }
      const vec scale = min(div(set1(1.0f), sqrt(add(div(set1(lane_tree(lane)), set1(a.divisor)), set1(a.epsilon)))), set1(a.largest));
      a.scale[r] = first_lane(scale);
      for (int64_t c = 0; c < cols; c += kLanes) {
        const vec n = mul(load_n(x + c, cols - c), scale);
        store_n(a.y + r * cols + c, a.gamma ? mul(n, load_n(a.gamma + c, cols - c)) : n, cols - c);
      }
    }
  });
}

void f32_unit_norm_bwd(const UnitNormGradArgs<float>& args) {
  SARAF_MARK(f32_unit_norm_bwd);
  const UnitNormGradArgs<float> a = args;
  const int64_t cols = a.cols;
  if (a.dgamma) gamma_gradient(a);
  if (!a.dx) return;
  parallel_for(a.rows, row_grain(cols), [&a, cols](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float *x = a.x + r * cols, *dy = a.dy + r * cols;
      const vec scale = set1(a.scale[r]);
      auto h = [&](int64_t c) { return a.gamma ? mul(load_n(dy + c, cols - c), load_n(a.gamma + c, cols - c)) : load_n(dy + c, cols - c); };
      vec lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) lane = fma(h(c), mul(load_n(x + c, cols - c), scale), lane);
      const vec b = div(set1(lane_tree(lane)), set1(a.divisor));
      for (int64_t c = 0; c < cols; c += kLanes)
        store_n(a.dx + r * cols + c, mul(scale, fma(neg(mul(load_n(x + c, cols - c), scale)), b, h(c))), cols - c);
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

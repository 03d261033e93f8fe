#include "kernels/norm/norm.h"

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "isa/lanes.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

int64_t row_grain(int64_t cols) { return 1 + region_grain(250) / (cols + 16); }

// Groups of rows × strips of columns, each the chains of one `vec` for dgamma and one for dbeta; then groups are added up.
void parameter_gradients(const LayerNormGradArgs<float>& a) {
  const int64_t rows = a.rows, cols = a.cols, groups = weight_groups(rows, cols), strips = (cols + kLanes - 1) / kLanes;
  const int64_t width = strips * kLanes;
  float* gamma_sums = scratch_floats(Slot::kReduce, (size_t)(2 * groups * width));
  float* beta_sums = gamma_sums + groups * width;
  parallel_for(groups * strips, 1 + region_grain(150) / (rows / groups + 1) / kLanes, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / strips, c = t % strips * kLanes, left = cols - c, stop = group_begin(rows, groups, g + 1);
      int64_t r = group_begin(rows, groups, g);
      vec gamma = zero(), beta = zero();
      for (bool first = true; r < stop; first = false) {
        const int64_t chunk_end = r + next_chunk(stop - r);
        vec gamma_chain = zero(), beta_chain = zero();
        for (; r < chunk_end; ++r) {
          const vec dy = load_n(a.dy + r * cols + c, left), n = mul(sub(load_n(a.x + r * cols + c, left), set1(a.mean[r])), set1(a.rstd[r]));
          gamma_chain = fma(dy, n, gamma_chain);
          beta_chain = add(beta_chain, dy);
        }
        gamma = first ? gamma_chain : add(gamma, gamma_chain);
        beta = first ? beta_chain : add(beta, beta_chain);
      }
      store(gamma_sums + g * width + c, gamma);
      store(beta_sums + g * width + c, beta);
    }
  });
  for (int64_t c = 0; c < cols; c += kLanes) {
    vec gamma = load(gamma_sums + c), beta = load(beta_sums + c);
    for (int64_t g = 1; g < groups; ++g) {
      gamma = add(gamma, load(gamma_sums + g * width + c));
      beta = add(beta, load(beta_sums + g * width + c));
    }
    if (a.dgamma) store_n(a.dgamma + c, gamma, cols - c);
    if (a.dbeta) store_n(a.dbeta + c, beta, cols - c);
  }
}

}  // namespace

void f32_layer_norm_fwd(const LayerNormArgs<float>& args) {
  SARAF_MARK(f32_layer_norm_fwd);
  const LayerNormArgs<float> a = args;
  const int64_t cols = a.cols;
  parallel_for(a.rows, row_grain(cols), [&a, cols](int64_t begin, int64_t end, int) {
    const vec width = set1((float)cols), epsilon = set1(a.epsilon), one = set1(1.0f);
    for (int64_t r = begin; r < end; ++r) {
      const float* x = a.x + r * cols;
      float* y = a.y + r * cols;
      vec lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) lane = add(lane, load_n(x + c, cols - c));
      const vec mean = div(set1(lane_tree(lane)), width);
      lane = zero();
      for (int64_t c = 0; c < cols; c += kLanes) {
        const vec d = first_lanes(sub(load_n(x + c, cols - c), mean), cols - c, zero());
        lane = fma(d, d, lane);
      }
      const vec rstd = div(one, sqrt(add(div(set1(lane_tree(lane)), width), epsilon)));
      a.mean[r] = first_lane(mean);
      a.rstd[r] = first_lane(rstd);
      for (int64_t c = 0; c < cols; c += kLanes) {
        const int64_t left = cols - c;
        vec n = mul(sub(load_n(x + c, left), mean), rstd);
        if (a.gamma && a.beta) n = fma(n, load_n(a.gamma + c, left), load_n(a.beta + c, left));
        else if (a.gamma) n = mul(n, load_n(a.gamma + c, left));
        else if (a.beta) n = add(n, load_n(a.beta + c, left));
        store_n(y + c, n, left);
      }
    }
  });
}

void f32_layer_norm_bwd(const LayerNormGradArgs<float>& args) {
  SARAF_MARK(f32_layer_norm_bwd);
  const LayerNormGradArgs<float> a = args;
  const int64_t cols = a.cols;
  if (a.dgamma || a.dbeta) parameter_gradients(a);
  if (!a.dx) return;
  parallel_for(a.rows, row_grain(cols), [&a, cols](int64_t begin, int64_t end, int) {
    const vec width = set1((float)cols);
    for (int64_t r = begin; r < end; ++r) {
      const float *x = a.x + r * cols, *dy = a.dy + r * cols;
      const vec mean = set1(a.mean[r]), rstd = set1(a.rstd[r]);
      auto h = [&](int64_t c) { return a.gamma ? mul(load_n(dy + c, cols - c), load_n(a.gamma + c, cols - c)) : load_n(dy + c, cols - c); };
      auto normal = [&](int64_t c) { return mul(sub(load_n(x + c, cols - c), mean), rstd); };
      vec sum_h = zero(), sum_hn = zero();
      for (int64_t c = 0; c < cols; c += kLanes) {
        const vec v = h(c);
        sum_h = add(sum_h, v);
        sum_hn = fma(v, first_lanes(normal(c), cols - c, zero()), sum_hn);
      }
      const vec mean_h = div(set1(lane_tree(sum_h)), width), mean_hn = div(set1(lane_tree(sum_hn)), width);
      for (int64_t c = 0; c < cols; c += kLanes)
        store_n(a.dx + r * cols + c, mul(rstd, fma(neg(normal(c)), mean_hn, sub(h(c), mean_h))), cols - c);
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

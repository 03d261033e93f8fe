#include "core/marks.h"
#include "core/parallel.h"
#include "core/order.h"
#include "core/region.h"
#include "core/scratch.h"
#include "isa/lanes.h"
#include "isa/vmath.h"
#include "kernels/attention/attention.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

constexpr int64_t kTanhPicoseconds = 800;

// Σ over [0, n) of term(i, chain) in chunks of order.h.
template <class F>
SARAF_INLINE vec chunked(int64_t n, F term) {
  vec total = zero();
  for (int64_t i = 0; i < n;) {
    const bool first = i == 0;
    const int64_t stop = i + next_chunk(n - i);
    vec chain = zero();
    for (; i < stop; ++i) chain = term(i, chain);
    total = first ? chain : add(total, chain);
  }
  return total;
}

// (ds·w)·(1 - u²), u = tanh(q + k).
SARAF_INLINE vec slope(vec q, vec k, vec w, bool weighted, float ds) {
  const vec u = vtanh(add(q, k)), g = weighted ? mul(set1(ds), w) : set1(ds);
  return mul(g, fma(neg(u), u, set1(1.0f)));
}

}  // namespace

void f32_additive_scores_fwd(const AdditiveScores<float>& a) {
  SARAF_MARK(f32_additive_scores_fwd);
  parallel_for(a.N * a.Tq, 1 + region_grain(kTanhPicoseconds) / (a.Tk * a.d + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t j = 0; j < a.Tk; ++j) {
        const float *q = a.q + r * a.d, *k = a.k + (r / a.Tq * a.Tk + j) * a.d;
        vec lane = zero();
        for (int64_t c = 0; c < a.d; c += kLanes) {
          const int64_t left = a.d - c;
          const vec u = vtanh(add(load_n(q + c, left), load_n(k + c, left)));  // absent lanes: tanh 0 = 0
          lane = a.w ? fma(load_n(a.w + c, left), u, lane) : add(lane, u);
        }
        a.s[r * a.Tk + j] = lane_tree(lane);
      }
  });
}

void f32_additive_scores_bwd(const AdditiveScores<float>& a) {
  SARAF_MARK(f32_additive_scores_bwd);
  const int64_t strips = (a.d + kLanes - 1) / kLanes;
  // A strip of features of one sequence: dq, dk and the sequence's part of dw; the parts are added in ascending n below.
  float* parts = scratch_floats(Slot::kAttention, (size_t)(a.N * strips * kLanes));
  parallel_for(a.N * strips, 1 + region_grain(kTanhPicoseconds) / (a.Tq * a.Tk * kLanes + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t n = task / strips, c = task % strips * kLanes, left = a.d - c;
      const float *q = a.q + n * a.Tq * a.d + c, *k = a.k + n * a.Tk * a.d + c, *ds = a.ds + n * a.Tq * a.Tk;
      const vec w = a.w ? load_n(a.w + c, left) : zero();
      const bool weighted = a.w != nullptr;
      vec own = zero();
      for (int64_t i = 0; i < a.Tq; ++i) {
        const vec qi = load_n(q + i * a.d, left);
        const float* row = ds + i * a.Tk;
        const vec dq = chunked(a.Tk, [&](int64_t j, vec chain) { return add(chain, slope(qi, load_n(k + j * a.d, left), w, weighted, row[j])); });
        store_n(a.dq + (n * a.Tq + i) * a.d + c, dq, left);
        if (a.dw)
          own = add(own, chunked(a.Tk, [&](int64_t j, vec chain) { return fma(set1(row[j]), vtanh(add(qi, load_n(k + j * a.d, left))), chain); }));
      }
      for (int64_t j = 0; j < a.Tk; ++j) {
        const vec kj = load_n(k + j * a.d, left);
        const vec dk = chunked(a.Tq, [&](int64_t i, vec chain) { return add(chain, slope(load_n(q + i * a.d, left), kj, w, weighted, ds[i * a.Tk + j])); });
        store_n(a.dk + (n * a.Tk + j) * a.d + c, dk, left);
      }
      store(parts + task * kLanes, own);
    }
  });
  if (!a.dw) return;
  for (int64_t strip = 0; strip < strips; ++strip) {
    vec total = zero();
    for (int64_t n = 0; n < a.N; ++n) total = add(total, load(parts + (n * strips + strip) * kLanes));
    store_n(a.dw + strip * kLanes, total, a.d - strip * kLanes);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// One run of rows of act_gradient.h, shared with the convolution that makes its gradient chunk by chunk.
#pragma once
#include "isa/vec16.h"
#include "kernels/conv/act_gradient.h"

namespace saraf {
namespace SARAF_ISA_NS {

decltype(ref::f32_act_gradient) f32_act_gradient;

struct ActGradient {
  const float *y, *dy;
  int64_t F;
  Activation act;
};

template <Activation kAct>
SARAF_INLINE vec act_value(vec y, vec d) {
  const vec one = set1(1.0f);
  if (kAct == kRelu) return select(gt(y, zero()), d, zero());
  if (kAct == kSigmoid) return mul(d, mul(y, sub(one, y)));
  if (kAct == kTanh) return mul(d, fma(neg(y), y, one));
  return d;
}

template <Activation kAct, int V>
SARAF_INLINE void act_block(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, int64_t left, vec* chains) {
  vec chain[V];
  for (int v = 0; v < V; ++v) chain[v] = chains[v];
  for (; r < stop; ++r, to += ld)
    for (int v = 0; v < V; ++v) {
      const int64_t at = r * g.F + f + v * kLanes;
      const vec value = act_value<kAct>(load_n(g.y + at, left), load_n(g.dy + at, left));
      store_n(to + v * kLanes, value, left);
      chain[v] = add(chain[v], value);
    }
  for (int v = 0; v < V; ++v) chains[v] = chain[v];
}

template <int V>
static void act_block_of(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, int64_t left, vec* chains) {
  switch (g.act) {
    case kRelu: return act_block<kRelu, V>(g, r, stop, f, to, ld, left, chains);
    case kSigmoid: return act_block<kSigmoid, V>(g, r, stop, f, to, ld, left, chains);
    case kTanh: return act_block<kTanh, V>(g, r, stop, f, to, ld, left, chains);
    default: return act_block<kLinear, V>(g, r, stop, f, to, ld, left, chains);
  }
}

// Rows [r, stop) of dz, V whole strips of 16 channels from f on: to[i·ld + …] for row r + i; adds each to its chain, in order.
template <int V>
[[maybe_unused]] static void act_strips(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec* chains) {
  act_block_of<V>(g, r, stop, f, to, ld, kLanes, chains);
}

// The same of one strip, [f, f + 16), of which the last may not be whole; returns its chain.
[[maybe_unused]] static vec act_rows(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  if (g.F - f >= kLanes) act_strips<1>(g, r, stop, f, to, ld, &chain);
  else act_block_of<1>(g, r, stop, f, to, ld, g.F - f, &chain);
  return chain;
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

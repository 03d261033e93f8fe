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

template <int kAct, bool kWhole>
static vec act_strip(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  const int64_t left = kWhole ? kLanes : g.F - f;
  const vec one = set1(1.0f);
  for (; r < stop; ++r, to += ld) {
    const vec y = load_n(g.y + r * g.F + f, left), d = load_n(g.dy + r * g.F + f, left);
    vec v = d;
    if (kAct == kRelu) v = select(gt(y, zero()), d, zero());
    if (kAct == kSigmoid) v = mul(d, mul(y, sub(one, y)));
    if (kAct == kTanh) v = mul(d, fma(neg(y), y, one));
    store_n(to, v, left);
    chain = add(chain, v);
  }
  return chain;
}

template <bool kWhole>
static vec act_strip_of(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  switch (g.act) {
    case kRelu: return act_strip<kRelu, kWhole>(g, r, stop, f, to, ld, chain);
    case kSigmoid: return act_strip<kSigmoid, kWhole>(g, r, stop, f, to, ld, chain);
    case kTanh: return act_strip<kTanh, kWhole>(g, r, stop, f, to, ld, chain);
    default: return act_strip<kLinear, kWhole>(g, r, stop, f, to, ld, chain);
  }
}

// Rows [r, stop) of dz, channels [f, f + 16): to[i·ld + …] for row r + i; returns chain plus each of them, in order.
[[maybe_unused]] static vec act_rows(const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  return g.F - f >= kLanes ? act_strip_of<true>(g, r, stop, f, to, ld, chain) : act_strip_of<false>(g, r, stop, f, to, ld, chain);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

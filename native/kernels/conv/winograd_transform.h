// The transforms of F(4,3) at the points 0, ±5/8, ±3/2, ∞ along one axis, as the FMA sequences that order.h refers to:
// every set, `_ref` included, compiles these lines. A 2-D transform first takes each line (along columns), then each
// column of the result. Points of both signs share their even and odd parts.
#pragma once
#include "isa/vec16.h"

#define SARAF_METHOD __attribute__((always_inline)) inline

namespace saraf {
namespace SARAF_ISA_NS {

// Bᵀ: 6 inputs → 6.
struct WinogradInput {
  SARAF_METHOD void operator()(const vec* d, vec* v) const {
    const vec p2 = set1(-0.390625f), q2 = set1(-2.25f);  // the points' squares
    const vec both = set1(-2.640625f), product = set1(0.87890625f);
    v[0] = fma(product, d[0], fma(both, d[2], d[4]));
    const vec e1 = fma(q2, d[2], d[4]), o1 = fma(q2, d[1], d[3]);
    v[1] = fma(set1(0.625f), o1, e1);
    v[2] = fma(set1(-0.625f), o1, e1);
    const vec e2 = fma(p2, d[2], d[4]), o2 = fma(p2, d[1], d[3]);
    v[3] = fma(set1(1.5f), o2, e2);
    v[4] = fma(set1(-1.5f), o2, e2);
    v[5] = fma(product, d[1], fma(both, d[3], d[5]));
  }
};

// G: 3 weights → 6: value at each point over its product of distances to the others, rounded once.
struct WinogradWeights {
  SARAF_METHOD void operator()(const vec* g, vec* u) const {
    u[0] = mul(set1(1.1377777777777778f), g[0]);
    const vec e1 = fma(set1(-0.2689075630252101f), g[2], mul(set1(-0.6884033613445378f), g[0])), o1 = mul(set1(0.43025210084033616f), g[1]);
    u[1] = sub(e1, o1);
    u[2] = add(e1, o1);
    const vec e2 = fma(set1(0.2689075630252101f), g[2], mul(set1(0.11951447245564893f), g[0])), o2 = mul(set1(0.1792717086834734f), g[1]);
    u[3] = add(e2, o2);
    u[4] = sub(e2, o2);
    u[5] = g[2];
  }
};

// Aᵀ: 6 products → 4 outputs.
struct WinogradOutput {
  SARAF_METHOD void operator()(const vec* m, vec* y) const {
    const vec s1 = add(m[1], m[2]), d1 = sub(m[1], m[2]), s2 = add(m[3], m[4]), d2 = sub(m[3], m[4]);
    y[0] = add(add(m[0], s1), s2);
    y[1] = fma(set1(0.625f), d1, mul(set1(1.5f), d2));
    y[2] = fma(set1(0.390625f), s1, mul(set1(2.25f), s2));
    y[3] = fma(set1(0.244140625f), d1, fma(set1(3.375f), d2, m[5]));
  }
};

// A: 4 output gradients → 6.
struct WinogradGradient {
  SARAF_METHOD void operator()(const vec* d, vec* z) const {
    const vec p2 = set1(0.390625f), q2 = set1(2.25f);
    z[0] = d[0];
    const vec e1 = fma(p2, d[2], d[0]), o1 = fma(p2, d[3], d[1]);
    z[1] = fma(set1(0.625f), o1, e1);
    z[2] = fma(set1(-0.625f), o1, e1);
    const vec e2 = fma(q2, d[2], d[0]), o2 = fma(q2, d[3], d[1]);
    z[3] = fma(set1(1.5f), o2, e2);
    z[4] = fma(set1(-1.5f), o2, e2);
    z[5] = d[3];
  }
};

// Gᵀ: 6 sums → 3 weight gradients.
struct WinogradWeightGradient {
  SARAF_METHOD void operator()(const vec* m, vec* g) const {
    const vec s1 = add(m[1], m[2]), d1 = sub(m[2], m[1]), s2 = add(m[3], m[4]), d2 = sub(m[3], m[4]);
    g[0] = fma(set1(1.1377777777777778f), m[0], fma(set1(0.11951447245564893f), s2, mul(set1(-0.6884033613445378f), s1)));
    g[1] = fma(set1(0.43025210084033616f), d1, mul(set1(0.1792717086834734f), d2));
    g[2] = fma(set1(0.2689075630252101f), sub(s2, s1), m[5]);
  }
};

// out[R][R] = T·in·Tᵀ of in[I][I], first each line, then each column.
template <int I, int R, class T>
SARAF_INLINE void winograd_both_axes(T transform, const vec (&in)[I][I], vec (&out)[R][R]) {
  vec lines[I][R];
#pragma GCC unroll 6
  for (int i = 0; i < I; ++i) transform(in[i], lines[i]);
#pragma GCC unroll 6
  for (int j = 0; j < R; ++j) {
    vec column[I], made[R];
#pragma GCC unroll 6
    for (int i = 0; i < I; ++i) column[i] = lines[i][j];
    transform(column, made);
#pragma GCC unroll 6
    for (int i = 0; i < R; ++i) out[i][j] = made[i];
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

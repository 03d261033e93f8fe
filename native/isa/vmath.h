// exp, tanh, sigmoid, log, erf and the inverse normal distribution as fixed FMA sequences: the same bits on every
// instruction set. Written once over `vec` (16 lanes, or 1 in ref). Coefficients are our own minimax fits; largest errors
// over all floats of the range, in units in the last place, are asserted by test/native/vmath.test.ts.
#pragma once
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

// e^x. x = n·ln2 + r with |r| <= ln2/2, e^r = 1 + r + r²·P(r). Overflows to inf above 88.73, denormal below -87.34, 0 below -104.
SARAF_INLINE vec vexp(vec x) {
  const vec magic = set1(12582912.0f);  // 1.5·2^23: adding it rounds to the nearest integer
  const vec c = max(set1(-104.0f), min(set1(89.0f), x));
  const vec n = sub(fma(c, set1(0x1.715476p+0f), magic), magic);
  vec r = fma(n, set1(-0x1.62e400p-1f), c);
  r = fma(n, set1(-0x1.7f7d1cp-20f), r);
  vec p = set1(0x1.6a2350p-10f);
  p = fma(p, r, set1(0x1.123a6cp-7f));
  p = fma(p, r, set1(0x1.5558f4p-5f));
  p = fma(p, r, set1(0x1.555490p-3f));
  p = fma(p, r, set1(0x1.fffffcp-2f));
  p = fma(mul(r, r), p, r);
  return select(is_nan(x), x, scale2(add(p, set1(1.0f)), n));
}

// tanh x = x·P(x²)/Q(x²) on |x| <= 9.015, where it is 1 to the bit; clamped to ±1.
SARAF_INLINE vec vtanh(vec x) {
  const vec c = max(set1(-9.015f), min(set1(9.015f), x));
  const vec s = mul(c, c);
  vec p = set1(0x1.c9a0cep-27f);
  p = fma(p, s, set1(0x1.59544ep-16f));
  p = fma(p, s, set1(0x1.c9f7d6p-9f));
  p = fma(p, s, set1(0x1.120430p-3f));
  p = fma(p, s, set1(1.0f));
  vec q = set1(0x1.a0b672p-21f);
  q = fma(q, s, set1(0x1.584130p-12f));
  q = fma(q, s, set1(0x1.a7dee8p-6f));
  q = fma(q, s, set1(0x1.de5762p-2f));
  q = fma(q, s, set1(1.0f));
  const vec t = max(set1(-1.0f), min(set1(1.0f), div(mul(c, p), q)));
  return select(is_nan(x), x, t);
}

// 1/(1+e^-x).
SARAF_INLINE vec vsigmoid(vec x) { return div(set1(1.0f), add(set1(1.0f), vexp(neg(x)))); }

// ln x. x = m·2^e, f = m-1, ln(1+f) = f - f²/2 + f³·P(f). ln 0 = -inf, ln of a negative = NaN; denormals are scaled first.
SARAF_INLINE vec vlog(vec x) {
  const vec tiny = set1(0x1p-126f), inf = set1(__builtin_inff());
  const msk small = lt(x, tiny);
  vec e;
  const vec m = split_exponent(select(small, mul(x, set1(0x1p23f)), x), &e);
  e = select(small, sub(e, set1(23.0f)), e);
  const vec f = sub(m, set1(1.0f));
  vec p = set1(0x1.14576ap-4f);
  p = fma(p, f, set1(-0x1.de3c04p-4f));
  p = fma(p, f, set1(0x1.e6f07ep-4f));
  p = fma(p, f, set1(-0x1.fc220cp-4f));
  p = fma(p, f, set1(0x1.233766p-3f));
  p = fma(p, f, set1(-0x1.555c4ep-3f));
  p = fma(p, f, set1(0x1.99a4b6p-3f));
  p = fma(p, f, set1(-0x1.000006p-2f));
  p = fma(p, f, set1(0x1.555548p-2f));
  const vec f2 = mul(f, f);
  vec y = mul(mul(f2, f), p);
  y = fma(e, set1(-0x1.05c610p-29f), y);  // ln2 = 0x1.62e430p-1 - 0x1.05c610p-29
  y = fma(f2, set1(-0.5f), y);
  y = add(y, f);
  y = fma(e, set1(0x1.62e430p-1f), y);
  y = select(gt(x, set1(0x1.fffffep127f)), inf, y);
  y = select(gt(set1(0x1p-149f), x), select(lt(x, zero()), set1(__builtin_nanf("")), neg(inf)), y);
  return select(is_nan(x), x, y);
}

// erf x: x·P(x²) below 0.94, 1 - e^-G(|x|) above, 1 from 4 on.
SARAF_INLINE vec verf(vec x) {
  const vec a = min(abs(x), set1(4.0f)), s = mul(x, x);
  vec p = set1(0x1.5a127ap-14f);
  p = fma(p, s, set1(-0x1.a968eap-11f));
  p = fma(p, s, set1(0x1.54afbcp-8f));
  p = fma(p, s, set1(-0x1.b80c10p-6f));
  p = fma(p, s, set1(0x1.ce2decp-4f));
  p = fma(p, s, set1(-0x1.812742p-2f));
  p = fma(p, s, set1(0x1.20dd76p+0f));
  vec g = set1(0x1.5d7210p-16f);
  g = fma(g, a, set1(-0x1.c45936p-12f));
  g = fma(g, a, set1(0x1.10625ap-8f));
  g = fma(g, a, set1(-0x1.9aebb6p-6f));
  g = fma(g, a, set1(0x1.bb454ap-4f));
  g = fma(g, a, set1(0x1.444d1ep-1f));
  g = fma(g, a, set1(0x1.212626p+0f));
  g = fma(g, a, set1(-0x1.62d904p-13f));
  const vec tail = copysign(sub(set1(1.0f), vexp(neg(g))), x);
  return select(is_nan(x), x, select(lt(a, set1(0.94f)), mul(x, p), tail));
}

// √2·erf⁻¹(x): maps x uniform in (-1, 1) to a standard normal. w = -ln((1-x)(1+x)), two polynomials.
SARAF_INLINE vec vnormal_quantile(vec x) {
  const vec w = neg(vlog(fma(neg(x), x, set1(1.0f))));
  const vec a = sub(w, set1(2.5f)), b = sub(sqrt(max(w, set1(5.0f))), set1(3.0f));
  vec p = set1(0x1.ea39d2p-26f);
  p = fma(p, a, set1(0x1.711304p-22f));
  p = fma(p, a, set1(-0x1.d9a2bcp-19f));
  p = fma(p, a, set1(-0x1.271028p-18f));
  p = fma(p, a, set1(0x1.ca712ap-13f));
  p = fma(p, a, set1(-0x1.48a6e4p-10f));
  p = fma(p, a, set1(-0x1.11ca4ep-8f));
  p = fma(p, a, set1(0x1.f91ec6p-3f));
  p = fma(p, a, set1(0x1.805c5ep+0f));
  vec q = set1(-0x1.0b6b14p-13f);
  q = fma(q, b, set1(0x1.dc7ad2p-15f));
  q = fma(q, b, set1(0x1.470042p-10f));
  q = fma(q, b, set1(-0x1.dbb54ep-9f));
  q = fma(q, b, set1(0x1.7b3f6ap-8f));
  q = fma(q, b, set1(-0x1.f44c54p-8f));
  q = fma(q, b, set1(0x1.350d86p-7f));
  q = fma(q, b, set1(0x1.006dc0p+0f));
  q = fma(q, b, set1(0x1.6a9efep+1f));
  return mul(mul(select(lt(w, set1(5.0f)), p, q), x), set1(0x1.6a09e6p+0f));
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

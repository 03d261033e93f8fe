// The formulas of curve.h, over any type with the operations of vec16.h and vmath.h and `like(x, constant)`.
#pragma once
#include "isa/vmath.h"
#include "kernels/curve/curve.h"

namespace saraf {
namespace SARAF_ISA_NS {

SARAF_INLINE vec like(vec, double constant) { return set1((float)constant); }

// ln(1 + e) for e in [0, 1], exact for small e too: ln u·e/(u - 1) repairs what u = 1 + e rounds off.
template <class V>
SARAF_INLINE V log_of_one_plus(V e) {
  const V one = like(e, 1), u = add(one, e);
  return select(gt(u, one), mul(vlog(u), div(e, sub(u, one))), e);
}
// ln(1 + e^x)
template <class V>
SARAF_INLINE V softplus(V x) {
  return add(max(like(x, 0), x), log_of_one_plus(vexp(neg(abs(x)))));
}
// e^x - 1 for x <= 0: 2t/(1 - t), t = tanh(x/2).
template <class V>
SARAF_INLINE V exp_minus_one(V x) {
  const V t = vtanh(mul(x, like(x, 0.5)));
  return div(add(t, t), sub(like(x, 1), t));
}
template <class V>
SARAF_INLINE V clip(V x, V low, V high) {
  return max(low, min(high, x));
}
// tanh(ln(1 + e^x)) = (n² + 2n)/(n² + 2n + 2), n = e^x; 1 to the last bit from 20 on.
template <class V>
struct MishParts {
  V n, top, bottom;
};
template <class V>
SARAF_INLINE MishParts<V> mish_parts(V x) {
  const V n = vexp(min(x, like(x, 20))), top = mul(n, add(n, like(x, 2)));
  return {n, top, add(top, like(x, 2))};
}
// √(2/π)·(x + 0.044715·x³)·2: gelu ≈ x·sigmoid(of this).
template <class V>
SARAF_INLINE V gelu_argument(V x) {
  return mul(mul(like(x, 1.5957691216057308), x), fma(like(x, 0.044715), mul(x, x), like(x, 1)));
}
// (1 + erf(x/√2))/2
template <class V>
SARAF_INLINE V normal_share(V x) {
  return mul(like(x, 0.5), add(like(x, 1), verf(mul(x, like(x, 0.7071067811865476)))));
}

template <class V, class T>
SARAF_INLINE V curve_value(V x, Curve curve, CurveParams<T> p) {
  const V o = like(x, 0), one = like(x, 1), a = like(x, p.a), b = like(x, p.b);
  V y = x;
  switch (curve) {
    case Curve::kRelu: y = select(gt(x, b), min(x, like(x, p.c)), p.a == 0 ? o : mul(a, sub(x, b))); break;
    case Curve::kLeakyRelu: y = select(gt(x, o), x, mul(a, x)); break;
    case Curve::kElu: y = mul(b, select(gt(x, o), x, mul(a, exp_minus_one(mul(min(x, o), like(x, p.c)))))); break;
    case Curve::kExponential: y = vexp(x); break;
    case Curve::kGelu: y = mul(x, normal_share(x)); break;
    case Curve::kGeluTanh: y = mul(x, vsigmoid(gelu_argument(x))); break;
    case Curve::kHardShrink: y = select(gt(abs(x), a), x, o); break;
    case Curve::kHardSigmoid: y = clip(fma(a, x, b), o, one); break;
    case Curve::kHardSilu: y = mul(x, clip(fma(a, x, b), o, one)); break;
    case Curve::kClip: y = clip(x, a, b); break;
    case Curve::kSoftplus: y = mul(a, softplus(mul(a, x))); break;
    case Curve::kMish: {
      const MishParts<V> m = mish_parts(x);
      y = mul(x, div(m.top, m.bottom));
      break;
    }
    case Curve::kSilu: y = mul(x, vsigmoid(x)); break;
    case Curve::kSoftShrink: y = sub(x, clip(x, neg(a), a)); break;
    case Curve::kSoftsign: y = div(x, add(one, abs(x))); break;
    case Curve::kSparsePlus: {
      const V half = mul(add(clip(x, neg(one), one), one), like(x, 0.5));
      y = select(gt(x, one), x, mul(half, half));
      break;
    }
    case Curve::kSquareplus: y = mul(like(x, 0.5), add(x, sqrt(fma(x, x, a)))); break;
    case Curve::kTanhShrink: y = sub(x, vtanh(x)); break;
    case Curve::kThreshold: y = select(gt(x, a), x, b); break;
    case Curve::kSparseSigmoid: y = clip(fma(like(x, 0.5), x, like(x, 0.5)), o, one); break;
    default: break;
  }
  return select(is_nan(x), x, y);
}

template <class V, class T>
SARAF_INLINE V curve_slope(V x, Curve curve, CurveParams<T> p) {
  const V o = like(x, 0), one = like(x, 1), a = like(x, p.a), b = like(x, p.b);
  switch (curve) {
    case Curve::kRelu: return select(gt(x, b), select(lt(x, like(x, p.c)), one, o), select(lt(x, b), a, o));
    case Curve::kLeakyRelu: return select(gt(x, o), one, a);
    case Curve::kElu: {
      const V c = like(x, p.c), below = mul(mul(a, c), vexp(mul(min(x, o), c)));
      return select(gt(x, o), b, select(lt(x, o), mul(b, below), like(x, p.d)));
    }
    case Curve::kExponential: return vexp(x);
    case Curve::kGelu: {
      const V density = mul(like(x, 0.3989422804014327), vexp(mul(like(x, -0.5), mul(x, x))));
      return fma(x, density, normal_share(x));
    }
    case Curve::kGeluTanh: {
      const V u = gelu_argument(x), s = vsigmoid(u), rest = vsigmoid(neg(u));
      const V du = mul(like(x, 1.5957691216057308), fma(like(x, 0.134145), mul(x, x), one));
      return fma(mul(x, du), mul(s, rest), s);
    }
    case Curve::kHardShrink: return select(gt(abs(x), a), one, o);
    case Curve::kHardSigmoid: {
      const V z = fma(a, x, b);
      return select(gt(z, o), select(lt(z, one), a, o), o);
    }
    case Curve::kHardSilu: {
      const V z = fma(a, x, b);
      return select(gt(z, o), select(lt(z, one), fma(a, x, z), one), o);
    }
    case Curve::kClip: return select(lt(x, a), o, select(gt(x, b), o, one));
    case Curve::kSoftplus: return vsigmoid(mul(a, x));
    case Curve::kMish: {
      const MishParts<V> m = mish_parts(x);
      const V twice = div(mul(like(x, 2), add(m.n, one)), m.bottom);  // 1 - tanh² = (2(n + 1)/bottom)²
      return fma(mul(x, vsigmoid(x)), mul(twice, twice), div(m.top, m.bottom));
    }
    case Curve::kSilu: {
      const V s = vsigmoid(x);
      return mul(s, fma(x, vsigmoid(neg(x)), one));
    }
    case Curve::kSoftShrink: return select(gt(abs(x), a), one, o);
    case Curve::kSoftsign: {
      const V r = div(one, add(one, abs(x)));
      return mul(r, r);
    }
    case Curve::kSparsePlus: return mul(add(clip(x, neg(one), one), one), like(x, 0.5));
    case Curve::kSquareplus: return mul(like(x, 0.5), add(one, div(x, sqrt(fma(x, x, a)))));
    case Curve::kTanhShrink: {
      const V t = vtanh(x);
      return mul(t, t);
    }
    case Curve::kThreshold: return select(gt(x, a), one, o);
    case Curve::kSparseSigmoid: return select(gt(abs(x), one), o, like(x, 0.5));
    default: return one;
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

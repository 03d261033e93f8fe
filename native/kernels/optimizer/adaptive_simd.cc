#include "kernels/optimizer/adaptive.h"

#include "core/marks.h"
#include "isa/each.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

// A moving mean of g, and one of g²; a g whose square would be denormal counts as 0 there.
SARAF_INLINE vec squared(vec g) { return select(lt(abs(g), set1(0x1p-60f)), zero(), g); }
SARAF_INLINE vec mean(vec m, vec g, vec rate) { return quiet(fma(sub(g, m), rate, m)); }
SARAF_INLINE vec square_mean(vec v, vec g, vec rate) {
  const vec s = squared(g);
  return quiet(fma(fma(s, s, neg(v)), rate, v));
}
SARAF_INLINE vec power(vec x, float p) { return p == 0.5f ? sqrt(x) : vexp(mul(set1(p), vlog(x))); }

void f32_amsgrad(float* w, const float* g, float* m, float* v, float* h, int64_t n, AdamRates<float> r) {
  SARAF_MARK(f32_amsgrad);
  const vec c1 = set1(r.one_minus_beta1), c2 = set1(r.one_minus_beta2), alpha = set1(r.alpha), epsilon = set1(r.epsilon);
  each<500>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), m1 = mean(load_n(m + i, left), gradient, c1);
    const vec v1 = square_mean(load_n(v + i, left), gradient, c2), h1 = max(load_n(h + i, left), v1);
    store_n(m + i, m1, left);
    store_n(v + i, v1, left);
    store_n(h + i, h1, left);
    store_n(w + i, sub(load_n(w + i, left), div(mul(alpha, m1), add(sqrt(h1), epsilon))), left);
  });
}

void f32_adamax(float* w, const float* g, float* m, float* u, int64_t n, AdamaxRates<float> r) {
  SARAF_MARK(f32_adamax);
  const vec c1 = set1(r.one_minus_beta1), beta2 = set1(r.beta2), rate = set1(r.rate), epsilon = set1(r.epsilon);
  each<400>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), m1 = mean(load_n(m + i, left), gradient, c1);
    const vec u1 = quiet(max(mul(beta2, load_n(u + i, left)), abs(gradient)));
    store_n(m + i, m1, left);
    store_n(u + i, u1, left);
    store_n(w + i, sub(load_n(w + i, left), div(mul(rate, m1), add(u1, epsilon))), left);
  });
}

void f32_nadam(float* w, const float* g, float* m, float* v, int64_t n, NadamRates<float> r) {
  SARAF_MARK(f32_nadam);
  const vec c1 = set1(r.one_minus_beta1), c2 = set1(r.one_minus_beta2), by_m = set1(r.momentum_rate), by_g = set1(r.gradient_rate);
  const vec correction = set1(r.correction), epsilon = set1(r.epsilon);
  each<400>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), m1 = mean(load_n(m + i, left), gradient, c1);
    const vec v1 = square_mean(load_n(v + i, left), gradient, c2);
    store_n(m + i, m1, left);
    store_n(v + i, v1, left);
    const vec step = div(fma(by_m, m1, mul(by_g, gradient)), add(sqrt(mul(v1, correction)), epsilon));
    store_n(w + i, sub(load_n(w + i, left), step), left);
  });
}

void f32_rmsprop(float* w, const float* g, float* v, float* m, float* a, int64_t n, RmspropRates<float> r) {
  SARAF_MARK(f32_rmsprop);
  const vec c = set1(r.one_minus_rho), rate = set1(r.rate), momentum = set1(r.momentum), epsilon = set1(r.epsilon);
  each<400>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), v1 = square_mean(load_n(v + i, left), gradient, c);
    store_n(v + i, v1, left);
    vec d = v1;
    if (a) {
      const vec a1 = mean(load_n(a + i, left), gradient, c);
      store_n(a + i, a1, left);
      d = max(zero(), fma(neg(a1), a1, d));
    }
    vec step = div(mul(rate, gradient), sqrt(add(d, epsilon)));
    if (m) {
      step = quiet(fma(momentum, load_n(m + i, left), step));
      store_n(m + i, step, left);
    }
    store_n(w + i, sub(load_n(w + i, left), step), left);
  });
}

void f32_adagrad(float* w, const float* g, float* a, int64_t n, float lr, float eps) {
  SARAF_MARK(f32_adagrad);
  const vec rate = set1(lr), epsilon = set1(eps);
  each<300>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), s = squared(gradient), a1 = fma(s, s, load_n(a + i, left));
    store_n(a + i, a1, left);
    store_n(w + i, sub(load_n(w + i, left), div(mul(rate, gradient), sqrt(add(a1, epsilon)))), left);
  });
}

void f32_adadelta(float* w, const float* g, float* a, float* d, int64_t n, AdadeltaRates<float> r) {
  SARAF_MARK(f32_adadelta);
  const vec c = set1(r.one_minus_rho), minus_rate = set1(-r.rate), epsilon = set1(r.epsilon);
  each<500>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), a1 = square_mean(load_n(a + i, left), gradient, c), d0 = load_n(d + i, left);
    const vec q = div(mul(sqrt(add(d0, epsilon)), gradient), sqrt(add(a1, epsilon)));
    store_n(a + i, a1, left);
    store_n(d + i, square_mean(d0, q, c), left);
    store_n(w + i, fma(minus_rate, q, load_n(w + i, left)), left);
  });
}

void f32_lion(float* w, const float* g, float* m, int64_t n, LionRates<float> r) {
  SARAF_MARK(f32_lion);
  const vec beta1 = set1(r.beta1), c1 = set1(r.one_minus_beta1), beta2 = set1(r.beta2), c2 = set1(r.one_minus_beta2);
  const vec rate = set1(r.rate), minus_rate = set1(-r.rate);
  each<300>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), m0 = load_n(m + i, left);
    const vec c = fma(beta1, m0, mul(c1, gradient));
    store_n(w + i, sub(load_n(w + i, left), select(gt(c, zero()), rate, select(lt(c, zero()), minus_rate, c))), left);
    store_n(m + i, quiet(fma(beta2, m0, mul(c2, gradient))), left);
  });
}

void f32_ftrl(float* w, const float* g, float* a, float* l, int64_t n, FtrlRates<float> r) {
  SARAF_MARK(f32_ftrl);
  const vec rate = set1(r.rate), l1 = set1(r.l1), minus_l1 = set1(-r.l1), l2 = set1(r.twice_l2), shrinkage = set1(r.twice_shrinkage);
  const float p = r.power;
  each<1000>(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), w0 = load_n(w + i, left), a0 = load_n(a + i, left), s = squared(gradient);
    const vec b = fma(s, s, a0), after = power(b, p), before = power(a0, p);
    const vec change = mul(div(sub(after, before), rate), w0);
    const vec linear = add(load_n(l + i, left), sub(fma(shrinkage, w0, gradient), change));
    const vec clipped = min(l1, max(minus_l1, linear));
    store_n(l + i, linear, left);
    store_n(a + i, b, left);
    store_n(w + i, div(sub(clipped, linear), add(div(after, rate), l2)), left);
  });
}

void f32_average(const float* w, float* a, int64_t n, float r) {
  SARAF_MARK(f32_average);
  const vec rate = set1(r);
  const bool copy = r == 1.0f;
  each(n, [=](int64_t i, int64_t left) {
    const vec value = load_n(w + i, left), a0 = load_n(a + i, left);
    store_n(a + i, copy ? value : fma(sub(value, a0), rate, a0), left);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

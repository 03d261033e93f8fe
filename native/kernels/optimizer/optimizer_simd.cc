#include "kernels/optimizer/optimizer.h"

#include "core/marks.h"
#include "isa/each.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_sgd(float* w, const float* g, float* m, int64_t n, float lr, float mu, bool nesterov) {
  SARAF_MARK(f32_sgd);
  const vec rate = set1(lr), minus_rate = set1(-lr), momentum = set1(mu);
  if (!m) {
    each(n, [=](int64_t i, int64_t left) { store_n(w + i, fma(minus_rate, load_n(g + i, left), load_n(w + i, left)), left); });
    return;
  }
  each(n, [=](int64_t i, int64_t left) {
    const vec s = neg(mul(rate, load_n(g + i, left)));
    const vec velocity = quiet(fma(momentum, load_n(m + i, left), s));
    store_n(m + i, velocity, left);
    store_n(w + i, add(load_n(w + i, left), nesterov ? fma(momentum, velocity, s) : velocity), left);
  });
}

void f32_adam(float* w, const float* g, float* m, float* v, int64_t n, AdamRates<float> r) {
  SARAF_MARK(f32_adam);
  const vec c1 = set1(r.one_minus_beta1), c2 = set1(r.one_minus_beta2), alpha = set1(r.alpha), epsilon = set1(r.epsilon);
  const bool may_skip = r.epsilon > 0 && r.alpha >= 0 && r.alpha <= 1e30f;  // then α·0/(√0+ε) is 0
  each(n, [=](int64_t i, int64_t left) {
    const vec gradient = load_n(g + i, left), m0 = load_n(m + i, left), v0 = load_n(v + i, left);
    const vec s = select(lt(abs(gradient), set1(0x1p-60f)), zero(), gradient);
    const vec m1 = quiet(fma(sub(gradient, m0), c1, m0)), v1 = quiet(fma(fma(s, s, neg(v0)), c2, v0));
    // Rows of an embedding that never occurred: nothing changes, so nothing is divided, read or written.
    if (may_skip && all_zero_bits(v1) && all_zero_bits(m1) && all_zero_bits(v0) && all_zero_bits(m0)) return;
    store_n(m + i, m1, left);
    store_n(v + i, v1, left);
    store_n(w + i, sub(load_n(w + i, left), div(mul(alpha, m1), add(sqrt(v1), epsilon))), left);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "core/marks.h"
#include "isa/each.h"
#include "isa/vmath.h"
#include "kernels/elementwise/elementwise.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_activation_fwd(const float* x, float* y, int64_t n, Activation act) {
  SARAF_MARK(f32_activation_fwd);
  switch (act) {
    case kRelu: each(n, [=](int64_t i, int64_t left) { store_n(y + i, max(zero(), load_n(x + i, left)), left); }); break;
    case kSigmoid: each<330>(n, [=](int64_t i, int64_t left) { store_n(y + i, vsigmoid(load_n(x + i, left)), left); }); break;
    case kTanh: each<230>(n, [=](int64_t i, int64_t left) { store_n(y + i, vtanh(load_n(x + i, left)), left); }); break;
    default: each(n, [=](int64_t i, int64_t left) { store_n(y + i, load_n(x + i, left), left); });
  }
}

void f32_activation_bwd(const float* y, const float* dy, float* dx, int64_t n, Activation act) {
  SARAF_MARK(f32_activation_bwd);
  const vec one = set1(1.0f);
  switch (act) {
    case kRelu:
      each(n, [=](int64_t i, int64_t left) {
        store_n(dx + i, select(gt(load_n(y + i, left), zero()), load_n(dy + i, left), zero()), left);
      });
      break;
    case kSigmoid:
      each(n, [=](int64_t i, int64_t left) {
        const vec s = load_n(y + i, left);
        store_n(dx + i, mul(load_n(dy + i, left), mul(s, sub(one, s))), left);
      });
      break;
    case kTanh:
      each(n, [=](int64_t i, int64_t left) {
        const vec s = load_n(y + i, left);
        store_n(dx + i, mul(load_n(dy + i, left), fma(neg(s), s, one)), left);
      });
      break;
    default: each(n, [=](int64_t i, int64_t left) { store_n(dx + i, load_n(dy + i, left), left); });
  }
}

namespace {

template <class F>
void each_biased(const float* x, const float* b, float* y, int64_t rows, int64_t cols, int64_t cost, F f) {
  parallel_for(rows, region_grain(cost * cols), [=](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < cols; c += kLanes) {
        const int64_t left = cols - c;
        store_n(y + r * cols + c, f(add(load_n(x + r * cols + c, left), load_n(b + c, left))), left);
      }
  });
}

}  // namespace

void f32_bias_activation(const float* x, const float* b, float* y, int64_t rows, int64_t cols, Activation act) {
  SARAF_MARK(f32_bias_activation);
  if (!b) return f32_activation_fwd(x, y, rows * cols, act);
  switch (act) {
    case kRelu: return each_biased(x, b, y, rows, cols, 130, [](vec v) { return max(zero(), v); });
    case kSigmoid: return each_biased(x, b, y, rows, cols, 330, [](vec v) { return vsigmoid(v); });
    case kTanh: return each_biased(x, b, y, rows, cols, 230, [](vec v) { return vtanh(v); });
    default: return each_biased(x, b, y, rows, cols, 130, [](vec v) { return v; });
  }
}

void f32_binary(const float* a, const float* b, float* y, int64_t n, Binary op) {
  SARAF_MARK(f32_binary);
  switch (op) {
    case Binary::kAdd: each(n, [=](int64_t i, int64_t left) { store_n(y + i, add(load_n(a + i, left), load_n(b + i, left)), left); }); break;
    case Binary::kSubtract: each(n, [=](int64_t i, int64_t left) { store_n(y + i, sub(load_n(a + i, left), load_n(b + i, left)), left); }); break;
    case Binary::kMultiply: each(n, [=](int64_t i, int64_t left) { store_n(y + i, mul(load_n(a + i, left), load_n(b + i, left)), left); }); break;
  }
}

void f32_affine(const float* x, float* y, int64_t n, float factor, float offset) {
  SARAF_MARK(f32_affine);
  const vec f = set1(factor), o = set1(offset);
  each(n, [=](int64_t i, int64_t left) { store_n(y + i, fma(load_n(x + i, left), f, o), left); });
}

void f32_bytes_to_float(const uint8_t* x, float* y, int64_t n, float factor) {
  SARAF_MARK(f32_bytes_to_float);
  parallel_for(n, region_grain(130), [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) y[i] = (float)x[i] * factor;
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// Depthwise convolution.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

ConvShape depthwise_shape(const Args& a, int i) {
  const ConvShape s = a.conv_shape(i);
  if (s.groups != s.C || s.bfloat16)
    a.fail("ERR_SHAPE", "expected the geometry of a depthwise convolution (groups = C, products in float32), received C " + std::to_string(s.C) + ", groups " +
                            std::to_string(s.groups));
  return s;
}
int64_t inputs(const ConvShape& s) { return s.N * s.H * s.W * s.C; }
int64_t weights(const ConvShape& s) { return s.kh * s.kw * s.F; }
int64_t outputs(const ConvShape& s) { return s.N * s.OH * s.OW * s.F; }

// depthwiseForward(x, w, b, y, geometry, activation)
void forward(Args& a) {
  const ConvShape s = depthwise_shape(a, 4);
  const Activation act = a.activation(5);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *b = a.optional<T>(2, "b", s.F);
    T* y = a.array<T>(3, "y", outputs(s));
    if constexpr (std::is_same_v<T, float>) kernels().f32_depthwise_fwd(s, x, w, b, y, act);
    else ref::f64_depthwise_fwd(s, x, w, b, y, act);
  });
}

// depthwiseBackward(x, w, y, dy, dz, dx, dw, db, geometry, activation)
void backward(Args& a) {
  const ConvShape s = depthwise_shape(a, 8);
  const Activation act = a.activation(9);
  const int64_t rows = s.N * s.OH * s.OW;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *y = a.array<T>(2, "y", outputs(s)), *dy = a.array<T>(3, "dy", outputs(s));
    T *dz = a.array<T>(4, "dz", outputs(s)), *dx = a.optional<T>(5, "dx", inputs(s)), *dw = a.optional<T>(6, "dw", weights(s)), *db = a.optional<T>(7, "db", s.F);
    const T* z = act == kLinear ? dy : dz;
    if constexpr (std::is_same_v<T, float>) {
      if (act != kLinear) kernels().f32_act_gradient(y, dy, rows, s.F, dz, db, act);
      else if (db) kernels().f32_column_sum(dy, rows, s.F, s.F, db);
      if (dw) kernels().f32_depthwise_bwd_weights(s, x, z, dw);
      if (dx) kernels().f32_depthwise_bwd_data(s, z, w, dx);
    } else {
      if (act != kLinear) ref::f64_activation_bwd(y, dy, dz, outputs(s), act);
      if (db) ref::f64_column_sum(z, rows, s.F, s.F, db);
      if (dw) ref::f64_depthwise_bwd_weights(s, x, z, dw);
      if (dx) ref::f64_depthwise_bwd_data(s, z, w, dx);
    }
  });
}

}  // namespace

extern const Binding bindings_depthwise[] = {
    {"depthwiseForward", forward},
    {"depthwiseBackward", backward},
    {nullptr, nullptr},
};

}  // namespace saraf

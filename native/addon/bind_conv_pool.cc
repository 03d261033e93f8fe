// Convolution and the 2×2 max pooling behind it as one layer: the convolution's output is a workspace, and its gradient is
// written once, from the pooled one.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"

namespace saraf {

namespace {

ConvShape pooled_shape(const Args& a, int i, Activation act) {
  const ConvShape s = a.conv_shape(i);
  if (s.OH < 2 || s.OW < 2)
    a.fail("ERR_SHAPE", "expected an output of at least 2x2 to pool, received " + std::to_string(s.OH) + "x" + std::to_string(s.OW));
  if (act > kRelu) a.fail("ERR_ARG", "expected activation to be 0 (linear) or 1 (relu), received " + std::to_string(act));
  return s;
}
int64_t inputs(const ConvShape& s) { return s.N * s.H * s.W * s.C; }
int64_t weights(const ConvShape& s) { return s.kh * s.kw * (s.C / s.groups) * s.F; }
int64_t outputs(const ConvShape& s) { return s.N * s.OH * s.OW * s.F; }
int64_t pooled(const ConvShape& s) { return s.N * (s.OH / 2) * (s.OW / 2) * s.F; }

// convPoolForward(x, w, b, z, y, taps, geometry, activation)
void forward(Args& a) {
  const Activation act = a.activation(7);
  const ConvShape s = pooled_shape(a, 6, act);
  uint8_t* taps = a.array<uint8_t>(5, "taps", pooled(s));
  by_float_type(a, 0, [&](auto type) {
    using T = decltype(type);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *b = a.optional<T>(2, "b", s.F);
    T *z = a.array<T>(3, "z", outputs(s)), *y = a.array<T>(4, "y", pooled(s));
    if constexpr (std::is_same_v<T, float>) {
      if (!s.bfloat16) {
        kernels().f32_conv_pool_fwd(s, x, w, b, z, y, taps, act);
        return;
      }
      mixed_kernels().bf16_conv_fwd(s, x, w, b, z, act);
      kernels().f32_pool_pairs_fwd(s, z, y, taps);
    } else {
      ref::f64_conv_fwd(s, x, w, b, z, act);
      ref::f64_pool_pairs_fwd(s, z, y, taps);
    }
  });
}

// convPoolBackward(x, w, y, taps, dy, dz, dx, dw, db, geometry, activation)
void backward(Args& a) {
  const Activation act = a.activation(10);
  const ConvShape s = pooled_shape(a, 9, act);
  const uint8_t* taps = a.array<uint8_t>(3, "taps", pooled(s));
  by_float_type(a, 0, [&](auto type) {
    using T = decltype(type);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *y = a.array<T>(2, "y", pooled(s)), *dy = a.array<T>(4, "dy", pooled(s));
    T *dz = a.array<T>(5, "dz", outputs(s)), *dx = a.optional<T>(6, "dx", inputs(s)), *dw = a.optional<T>(7, "dw", weights(s)), *db = a.optional<T>(8, "db", s.F);
    if constexpr (std::is_same_v<T, float>) {
      if (s.bfloat16) {
        const MixedTable& mixed = mixed_kernels();
        kernels().f32_pool_pairs_bwd(s, y, taps, dy, dz, db, act);
        if (dw) mixed.bf16_conv_bwd_weights(s, x, dz, dw);
        if (dx) mixed.bf16_conv_bwd_data(s, dz, w, dx);
        return;
      }
      if (dw && !dx) {
        kernels().f32_conv_pool_bwd_weights(s, x, y, taps, dy, dz, dw, db, act);
        return;
      }
      kernels().f32_pool_pairs_bwd(s, y, taps, dy, dz, db, act);
      if (dw) kernels().f32_conv_bwd_weights(s, x, dz, dw);
      if (dx) kernels().f32_conv_bwd_data(s, dz, w, dx);
    } else {
      ref::f64_pool_pairs_bwd(s, y, taps, dy, dz, db, act);
      if (dw) ref::f64_conv_bwd_weights(s, x, dz, dw);
      if (dx) ref::f64_conv_bwd_data(s, dz, w, dx);
    }
  });
}

}  // namespace

extern const Binding bindings_conv_pool[] = {
    {"convPoolForward", forward},
    {"convPoolBackward", backward},
    {nullptr, nullptr},
};

}  // namespace saraf

// Transposed convolution: the data gradient of a convolution, whose geometry it is called with. x (N,OH,OW,F) is what that
// convolution gives, y (N,H,W,C) what it reads, w (kh,kw,C/groups,F) its kernel. So the gradient of x is the convolution itself,
// and that of w the convolution's weight gradient with the roles of x and dz exchanged.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

int64_t inputs(const ConvShape& s) { return s.N * s.OH * s.OW * s.F; }
int64_t weights(const ConvShape& s) { return s.kh * s.kw * (s.C / s.groups) * s.F; }
int64_t outputs(const ConvShape& s) { return s.N * s.H * s.W * s.C; }

// convTransposeForward(x, w, b, y, geometry, activation)
void forward(Args& a) {
  const ConvShape s = a.conv_shape(4);
  const Activation act = a.activation(5);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *b = a.optional<T>(2, "b", s.C);
    T* y = a.array<T>(3, "y", outputs(s));
    const bool ends = b || act != kLinear;
    if constexpr (std::is_same_v<T, float>) {
      if (s.bfloat16) mixed_kernels().bf16_conv_bwd_data(s, x, w, y);
      else kernels().f32_conv_bwd_data(s, x, w, y);
      if (ends) kernels().f32_bias_activation(y, b, y, s.N * s.H * s.W, s.C, act);
    } else {
      ref::f64_conv_bwd_data(s, x, w, y);
      if (ends) ref::f64_bias_activation(y, b, y, s.N * s.H * s.W, s.C, act);
    }
  });
}

// convTransposeBackward(x, w, y, dy, dz, dx, dw, db, geometry, activation)
void backward(Args& a) {
  const ConvShape s = a.conv_shape(8);
  const Activation act = a.activation(9);
  const int64_t rows = s.N * s.H * s.W;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", inputs(s)), *w = a.array<T>(1, "w", weights(s)), *y = a.array<T>(2, "y", outputs(s)), *dy = a.array<T>(3, "dy", outputs(s));
    T *dz = a.array<T>(4, "dz", outputs(s)), *dx = a.optional<T>(5, "dx", inputs(s)), *dw = a.optional<T>(6, "dw", weights(s)), *db = a.optional<T>(7, "db", s.C);
    const T* z = act == kLinear ? dy : dz;
    if constexpr (std::is_same_v<T, float>) {
      if (act != kLinear) kernels().f32_act_gradient(y, dy, rows, s.C, dz, db, act);
      else if (db) kernels().f32_column_sum(dy, rows, s.C, s.C, db);
      if (s.bfloat16) {
        if (dw) mixed_kernels().bf16_conv_bwd_weights(s, z, x, dw);
        if (dx) mixed_kernels().bf16_conv_fwd(s, z, w, nullptr, dx, kLinear);
        return;
      }
      if (dw) kernels().f32_conv_bwd_weights(s, z, x, dw);
      if (dx) kernels().f32_conv_fwd(s, z, w, nullptr, dx, kLinear);
    } else {
      if (act != kLinear) ref::f64_activation_bwd(y, dy, dz, outputs(s), act);
      if (db) ref::f64_column_sum(z, rows, s.C, s.C, db);
      if (dw) ref::f64_conv_bwd_weights(s, z, x, dw);
      if (dx) ref::f64_conv_fwd(s, z, w, nullptr, dx, kLinear);
    }
  });
}

}  // namespace

extern const Binding bindings_conv_transpose[] = {
    {"convTransposeForward", forward},
    {"convTransposeBackward", backward},
    {nullptr, nullptr},
};

}  // namespace saraf

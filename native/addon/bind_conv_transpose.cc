// Transposed convolution: the data gradient of a convolution, whose geometry it is called with. x (N,OH,OW,F) is what that
// convolution gives, y (N,H,W,C) what it reads, w (kh,kw,C/groups,F) its kernel. So the gradient of x is the convolution itself,
// and that of w the convolution's weight gradient with the roles of x and dz exchanged. Over volumes y is (N,D,H,W,C).
#include "addon/args.h"
#include "addon/volume.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

int64_t inputs(const ConvShape& s) { return s.N * s.OH * s.OW * s.F; }

// convTransposeForward(x, w, b, y, geometry, activation, depth?)
void forward(Args& a) {
  const ConvShape s = a.conv_shape(4);
  const Activation act = a.activation(5);
  const DepthShape depth = a.depth_shape(6, s);
  const int64_t filters = s.C / depth.kd;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    Volume<T> v(s, depth);
    const T *x = a.array<T>(0, "x", inputs(s)), *given = a.array<T>(1, "w", v.weights()), *b = a.optional<T>(2, "b", filters);
    T* y = a.array<T>(3, "y", v.values());
    v.take(false);
    const T* w = v.kernel(given);
    T* planes = v.made(y);
    const bool ends = b || act != kLinear;
    if constexpr (std::is_same_v<T, float>) {
      if (s.bfloat16) mixed_kernels().bf16_conv_bwd_data(s, x, w, planes);
      else kernels().f32_conv_bwd_data(s, x, w, planes);
      v.give_made(y);
      if (ends) kernels().f32_bias_activation(y, b, y, v.values() / filters, filters, act);
    } else {
      ref::f64_conv_bwd_data(s, x, w, planes);
      v.give_made(y);
      if (ends) ref::f64_bias_activation(y, b, y, v.values() / filters, filters, act);
    }
  });
}

// convTransposeBackward(x, w, y, dy, dz, dx, dw, db, geometry, activation, depth?)
void backward(Args& a) {
  const ConvShape s = a.conv_shape(8);
  const Activation act = a.activation(9);
  const DepthShape depth = a.depth_shape(10, s);
  const int64_t filters = s.C / depth.kd;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    Volume<T> v(s, depth);
    const int64_t values = v.values(), rows = values / filters;
    const T *x = a.array<T>(0, "x", inputs(s)), *given = a.array<T>(1, "w", v.weights()), *y = a.array<T>(2, "y", values), *dy = a.array<T>(3, "dy", values);
    T *dz = a.array<T>(4, "dz", values), *dx = a.optional<T>(5, "dx", inputs(s)), *dw = a.optional<T>(6, "dw", v.weights()), *db = a.optional<T>(7, "db", filters);
    const T* z = act == kLinear ? dy : dz;
    if constexpr (std::is_same_v<T, float>) {
      if (act != kLinear) kernels().f32_act_gradient(y, dy, rows, filters, dz, db, act);
      else if (db) kernels().f32_column_sum(dy, rows, filters, filters, db);
    } else {
      if (act != kLinear) ref::f64_activation_bwd(y, dy, dz, values, act);
      if (db) ref::f64_column_sum(z, rows, filters, filters, db);
    }
    v.take(true);
    const T *planes = v.planes(z), *w = v.kernel(given);
    T* kernel = v.d_kernel(dw);
    if constexpr (std::is_same_v<T, float>) {
      if (dw) s.bfloat16 ? mixed_kernels().bf16_conv_bwd_weights(s, planes, x, kernel) : kernels().f32_conv_bwd_weights(s, planes, x, kernel);
      if (dx) s.bfloat16 ? mixed_kernels().bf16_conv_fwd(s, planes, w, nullptr, dx, kLinear) : kernels().f32_conv_fwd(s, planes, w, nullptr, dx, kLinear);
    } else {
      if (dw) ref::f64_conv_bwd_weights(s, planes, x, kernel);
      if (dx) ref::f64_conv_fwd(s, planes, w, nullptr, dx, kLinear);
    }
    v.give_gradients(nullptr, dw);
  });
}

}  // namespace

extern const Binding bindings_conv_transpose[] = {
    {"convTransposeForward", forward},
    {"convTransposeBackward", backward},
    {nullptr, nullptr},
};

}  // namespace saraf

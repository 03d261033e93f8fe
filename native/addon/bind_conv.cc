// Convolution over planes and volumes, and the geometry that it shares with pooling.
#include "addon/args.h"
#include "addon/volume.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"
#include "kernels/conv/conv.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

void forward(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  if (s.bfloat16) mixed_kernels().bf16_conv_fwd(s, x, w, b, y, act);
  else kernels().f32_conv_fwd(s, x, w, b, y, act);
}
void forward(const ConvShape& s, const double* x, const double* w, const double* b, double* y, Activation act) { ref::f64_conv_fwd(s, x, w, b, y, act); }
void backward_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  if (s.bfloat16) mixed_kernels().bf16_conv_bwd_data(s, dz, w, dx);
  else kernels().f32_conv_bwd_data(s, dz, w, dx);
}
void backward_data(const ConvShape& s, const double* dz, const double* w, double* dx) { ref::f64_conv_bwd_data(s, dz, w, dx); }
void backward_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  if (s.bfloat16) mixed_kernels().bf16_conv_bwd_weights(s, x, dz, dw);
  else kernels().f32_conv_bwd_weights(s, x, dz, dw);
}
void backward_weights(const ConvShape& s, const double* x, const double* dz, double* dw) { ref::f64_conv_bwd_weights(s, x, dz, dw); }

void gradients(const ConvShape& s, const float* x, const float* w, const float* y, const float* dy, float* dz, float* dx, float* dw, float* db, Activation act) {
  const int64_t rows = s.N * s.OH * s.OW;
  if (act == kLinear) {
    if (dw && db && !s.bfloat16) {  // both in one pass where that is faster
      kernels().f32_conv_act_bwd_weights(s, x, y, dy, dz, dw, db, act);
    } else {
      if (dw) backward_weights(s, x, dy, dw);
      if (db) kernels().f32_column_sum(dy, rows, s.F, s.F, db);
    }
    if (dx) backward_data(s, dy, w, dx);
    return;
  }
  if (dw && !dx && !s.bfloat16) return kernels().f32_conv_act_bwd_weights(s, x, y, dy, dz, dw, db, act);
  if (dw || db) kernels().f32_act_gradient(y, dy, rows, s.F, dz, db, act);
  else kernels().f32_activation_bwd(y, dy, dz, rows * s.F, act);
  if (dw) backward_weights(s, x, dz, dw);
  if (dx) backward_data(s, dz, w, dx);
}
void gradients(const ConvShape& s, const double* x, const double* w, const double* y, const double* dy, double* dz, double* dx, double* dw, double* db, Activation act) {
  const int64_t rows = s.N * s.OH * s.OW;
  const double* z = dy;
  if (act != kLinear) {
    ref::f64_activation_bwd(y, dy, dz, rows * s.F, act);
    z = dz;
  }
  if (dw) backward_weights(s, x, z, dw);
  if (db) ref::f64_column_sum(z, rows, s.F, s.F, db);
  if (dx) backward_data(s, z, w, dx);
}

// convForward(x, w, b, y, geometry, activation, depth?)
void conv_forward(Args& a) {
  const ConvShape s = a.conv_shape(4);
  const Activation act = a.activation(5);
  const DepthShape depth = a.depth_shape(6, s);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    Volume<T> v(s, depth);
    const T *x = a.array<T>(0, "x", v.values()), *w = a.array<T>(1, "w", v.weights()), *b = a.optional<T>(2, "b", s.F);
    T* y = a.array<T>(3, "y", s.N * s.OH * s.OW * s.F);
    v.take(false);
    forward(s, v.planes(x), v.kernel(w), b, y, act);
  });
}

// convBackward(x, w, y, dy, dz, dx, dw, db, geometry, activation, depth?)
void conv_backward(Args& a) {
  const ConvShape s = a.conv_shape(8);
  const Activation act = a.activation(9);
  const DepthShape depth = a.depth_shape(10, s);
  const int64_t ny = s.N * s.OH * s.OW * s.F;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    Volume<T> v(s, depth);
    const T *x = a.array<T>(0, "x", v.values()), *w = a.array<T>(1, "w", v.weights()), *y = a.array<T>(2, "y", ny), *dy = a.array<T>(3, "dy", ny);
    T *dz = a.array<T>(4, "dz", ny), *dx = a.optional<T>(5, "dx", v.values()), *dw = a.optional<T>(6, "dw", v.weights()), *db = a.optional<T>(7, "db", s.F);
    v.take(true);
    gradients(s, v.planes(x), v.kernel(w), y, dy, dz, v.d_planes(dx), v.d_kernel(dw), db, act);
    v.give_gradients(dx, dw);
  });
}

}  // namespace

// Every field positive (padding: not negative), every window meets the image along both axes, and no number of values so
// large that an index could overflow. How far windows reach past the bottom and the right is implied. A 17th field says
// whether Winograd's algorithm may be taken (1 where left out), an 18th whether products are made in bfloat16 (0 where left out).
ConvShape Args::conv_shape(int i) const {
  const int64_t given = length(i, "geometry"), fields = given > 16 && given <= 18 ? given : 16;
  const int32_t* g = array<int32_t>(i, "geometry", fields);
  auto flag = [&](int64_t k, const char* name, bool absent) {
    if (k >= fields) return absent;
    if (g[k] != 0 && g[k] != 1) fail("ERR_SHAPE", std::string("expected ") + name + " of the geometry to be 0 or 1, received " + std::to_string(g[k]));
    return g[k] == 1;
  };
  static const char* const names[] = {"N",         "H",         "W",      "C",       "F",  "kh", "kw", "strideH", "strideW",
                                      "dilationH", "dilationW", "padTop", "padLeft", "OH", "OW", "groups"};
  for (int k = 0; k < 16; ++k) {
    const bool pad = k == 11 || k == 12;
    if (g[k] < (pad ? 0 : 1))
      fail("ERR_SHAPE", std::string("expected ") + names[k] + " of the geometry to be " + (pad ? "0 or more" : "1 or more") + ", received " + std::to_string(g[k]));
  }
  const ConvShape s{g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15], flag(16, "winograd", true), flag(17, "bfloat16", false)};
  if (s.C % s.groups != 0 || s.F % s.groups != 0)
    fail("ERR_SHAPE", "expected groups to divide " + std::to_string(s.C) + " channels and " + std::to_string(s.F) + " filters, received " +
                          std::to_string(s.groups) + " groups");
  auto axis = [&](const char* name, int64_t size, int64_t outputs, int64_t stride, int64_t pad, int64_t kernel, int64_t dilation) {
    if (pad > (kernel - 1) * dilation)
      fail("ERR_SHAPE", std::string("expected the padding before ") + name + " to be at most " + std::to_string((kernel - 1) * dilation) +
                            " (the window's length - 1), received " + std::to_string(pad));
    if ((outputs - 1) * stride - pad > size - 1)
      fail("ERR_SHAPE", std::string("expected the last of ") + std::to_string(outputs) + " windows along " + name + " to start inside the image of " +
                            std::to_string(size) + ", received a start of " + std::to_string((outputs - 1) * stride - pad));
  };
  axis("H", s.H, s.OH, s.sh, s.pt, s.kh, s.dh);
  axis("W", s.W, s.OW, s.sw, s.pl, s.kw, s.dw);
  auto values = [&](const char* name, int64_t a, int64_t b, int64_t c, int64_t d) {
    const int64_t limit = int64_t(1) << 40, factors[] = {b, c, d};
    int64_t n = a;
    for (int64_t f : factors) {
      if (n > limit / f)
        fail("ERR_SHAPE", std::string("expected ") + name + " of at most 2^40 values, received " + std::to_string(a) + "x" + std::to_string(b) + "x" +
                              std::to_string(c) + "x" + std::to_string(d));
      n *= f;
    }
  };
  values("x", s.N, s.H, s.W, s.C);
  values("w", s.kh, s.kw, s.C / s.groups, s.F);
  values("y", s.N, s.OH, s.OW, s.F);
  values("the window", (s.kh - 1) * s.dh + 1, (s.kw - 1) * s.dw + 1, s.C, 1);
  return s;
}

// [D, kd, strideD, dilationD, padFront, OD]: the planes' N is a multiple of OD, their C of kd. Checked as the axes of the planes are.
DepthShape Args::depth_shape(int i, const ConvShape& planes) const {
  if (absent(i)) return {1, 1, 1, 1, 0, 1};
  const int32_t* g = array<int32_t>(i, "depth", 6);
  static const char* const names[] = {"D", "kd", "strideD", "dilationD", "padFront", "OD"};
  for (int k = 0; k < 6; ++k)
    if (g[k] < (k == 4 ? 0 : 1)) fail("ERR_SHAPE", std::string("expected ") + names[k] + " of the depth to be " + (k == 4 ? "0 or more" : "1 or more") + ", received " + std::to_string(g[k]));
  const DepthShape d{g[0], g[1], g[2], g[3], g[4], g[5]};
  if (planes.N % d.OD != 0 || planes.C % d.kd != 0 || planes.C / d.kd % planes.groups != 0)
    fail("ERR_SHAPE", "expected planes of OD " + std::to_string(d.OD) + " times N images and kd " + std::to_string(d.kd) + " times C channels in " +
                          std::to_string(planes.groups) + " groups, received " + std::to_string(planes.N) + " and " + std::to_string(planes.C));
  if (d.pf > (d.kd - 1) * d.dd || (d.OD - 1) * d.sd - d.pf > d.D - 1)
    fail("ERR_SHAPE", "expected the first and the last of " + std::to_string(d.OD) + " windows along D to meet the volume of " + std::to_string(d.D) +
                          ", received starts of " + std::to_string(-d.pf) + " and " + std::to_string((d.OD - 1) * d.sd - d.pf));
  if (d.D > (int64_t(1) << 40) / (planes.N / d.OD * planes.H * planes.W * (planes.C / d.kd)))
    fail("ERR_SHAPE", "expected x of at most 2^40 values, received a depth of " + std::to_string(d.D));
  return d;
}

extern const Binding bindings_conv[] = {
    {"convForward", conv_forward},
    {"convBackward", conv_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

// Max and average pooling.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/pool/pool.h"

namespace saraf {

namespace {

ConvShape pool_shape(const Args& a, int i) {
  const ConvShape s = a.conv_shape(i);
  if (s.F != s.C || s.groups != 1 || s.dh != 1 || s.dw != 1)
    a.fail("ERR_SHAPE", "expected the geometry of a pooling (F = C, dilation and groups 1), received C " + std::to_string(s.C) + ", F " + std::to_string(s.F) +
                            ", dilation " + std::to_string(s.dh) + "x" + std::to_string(s.dw) + ", groups " + std::to_string(s.groups));
  if (s.kh * s.kw > 0x7fffffff) a.fail("ERR_SHAPE", "expected a window of less than 2^31 cells");
  return s;
}
int64_t inputs(const ConvShape& s) { return s.N * s.H * s.W * s.C; }
int64_t outputs(const ConvShape& s) { return s.N * s.OH * s.OW * s.C; }

// maxPoolForward(x, y, argmax, geometry)
void max_forward(Args& a) {
  const ConvShape s = pool_shape(a, 3);
  int32_t* argmax = a.array<int32_t>(2, "argmax", outputs(s));
  if (a.is_double(0)) ref::f64_max_pool_fwd(s, a.array<double>(0, "x", inputs(s)), a.array<double>(1, "y", outputs(s)), argmax);
  else kernels().f32_max_pool_fwd(s, a.array<float>(0, "x", inputs(s)), a.array<float>(1, "y", outputs(s)), argmax);
}

// maxPoolBackward(dy, argmax, dx, geometry)
void max_backward(Args& a) {
  const ConvShape s = pool_shape(a, 3);
  const int32_t* argmax = a.array<int32_t>(1, "argmax", outputs(s));
  if (a.is_double(0)) ref::f64_max_pool_bwd(s, a.array<double>(0, "dy", outputs(s)), argmax, a.array<double>(2, "dx", inputs(s)));
  else kernels().f32_max_pool_bwd(s, a.array<float>(0, "dy", outputs(s)), argmax, a.array<float>(2, "dx", inputs(s)));
}

// averagePoolForward(x, y, geometry)
void average_forward(Args& a) {
  const ConvShape s = pool_shape(a, 2);
  if (a.is_double(0)) ref::f64_average_pool_fwd(s, a.array<double>(0, "x", inputs(s)), a.array<double>(1, "y", outputs(s)));
  else kernels().f32_average_pool_fwd(s, a.array<float>(0, "x", inputs(s)), a.array<float>(1, "y", outputs(s)));
}

// averagePoolBackward(dy, dx, geometry)
void average_backward(Args& a) {
  const ConvShape s = pool_shape(a, 2);
  if (a.is_double(0)) ref::f64_average_pool_bwd(s, a.array<double>(0, "dy", outputs(s)), a.array<double>(1, "dx", inputs(s)));
  else kernels().f32_average_pool_bwd(s, a.array<float>(0, "dy", outputs(s)), a.array<float>(1, "dx", inputs(s)));
}

}  // namespace

extern const Binding bindings_pool[] = {
    {"maxPoolForward", max_forward},
    {"maxPoolBackward", max_backward},
    {"averagePoolForward", average_forward},
    {"averagePoolBackward", average_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

// Activations from their input, log-softmax, gated linear units.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/curve/curve.h"

namespace saraf {

namespace {

Curve curve_of(const Args& a, int i) {
  const int64_t code = a.count(i, "curve");
  if (code >= (int64_t)Curve::kCount)
    a.fail("ERR_ARG", "expected curve in [0, " + std::to_string((int)Curve::kCount) + "), received " + std::to_string(code));
  return (Curve)code;
}
template <class T>
CurveParams<T> params_of(const Args& a, int i) {
  return {(T)a.number(i, "a"), (T)a.number(i + 1, "b"), (T)a.number(i + 2, "c"), (T)a.number(i + 3, "d")};
}

// curveForward(x, y, curve, a, b, c, d)
void curve_forward(Args& a) {
  const int64_t n = a.length(0, "x");
  const Curve curve = curve_of(a, 2);
  if (a.is_double(0)) ref::f64_curve_fwd(a.array<double>(0, "x", n), a.array<double>(1, "y", n), n, curve, params_of<double>(a, 3));
  else kernels().f32_curve_fwd(a.array<float>(0, "x", n), a.array<float>(1, "y", n), n, curve, params_of<float>(a, 3));
}

// curveBackward(x, dy, dx, curve, a, b, c, d)
void curve_backward(Args& a) {
  const int64_t n = a.length(0, "x");
  const Curve curve = curve_of(a, 3);
  if (a.is_double(0))
    ref::f64_curve_bwd(a.array<double>(0, "x", n), a.array<double>(1, "dy", n), a.array<double>(2, "dx", n), n, curve, params_of<double>(a, 4));
  else
    kernels().f32_curve_bwd(a.array<float>(0, "x", n), a.array<float>(1, "dy", n), a.array<float>(2, "dx", n), n, curve, params_of<float>(a, 4));
}

// logSoftmaxForward(x, y, rows, cols)
void log_softmax_forward(Args& a) {
  const int64_t rows = a.count(2, "rows"), cols = a.count(3, "cols"), n = rows * cols;
  if (a.is_double(0)) ref::f64_log_softmax_fwd(a.array<double>(0, "x", n), a.array<double>(1, "y", n), rows, cols);
  else kernels().f32_log_softmax_fwd(a.array<float>(0, "x", n), a.array<float>(1, "y", n), rows, cols);
}

// logSoftmaxBackward(y, dy, dx, rows, cols)
void log_softmax_backward(Args& a) {
  const int64_t rows = a.count(3, "rows"), cols = a.count(4, "cols"), n = rows * cols;
  if (a.is_double(0)) ref::f64_log_softmax_bwd(a.array<double>(0, "y", n), a.array<double>(1, "dy", n), a.array<double>(2, "dx", n), rows, cols);
  else kernels().f32_log_softmax_bwd(a.array<float>(0, "y", n), a.array<float>(1, "dy", n), a.array<float>(2, "dx", n), rows, cols);
}

// gluForward(x, y, rows, cols)
void glu_forward(Args& a) {
  const int64_t rows = a.count(2, "rows"), cols = a.count(3, "cols"), n = rows * cols;
  if (a.is_double(0)) ref::f64_glu_fwd(a.array<double>(0, "x", 2 * n), a.array<double>(1, "y", n), rows, cols);
  else kernels().f32_glu_fwd(a.array<float>(0, "x", 2 * n), a.array<float>(1, "y", n), rows, cols);
}

// gluBackward(x, dy, dx, rows, cols)
void glu_backward(Args& a) {
  const int64_t rows = a.count(3, "rows"), cols = a.count(4, "cols"), n = rows * cols;
  if (a.is_double(0)) ref::f64_glu_bwd(a.array<double>(0, "x", 2 * n), a.array<double>(1, "dy", n), a.array<double>(2, "dx", 2 * n), rows, cols);
  else kernels().f32_glu_bwd(a.array<float>(0, "x", 2 * n), a.array<float>(1, "dy", n), a.array<float>(2, "dx", 2 * n), rows, cols);
}

}  // namespace

extern const Binding bindings_curve[] = {
    {"curveForward", curve_forward},
    {"curveBackward", curve_backward},
    {"logSoftmaxForward", log_softmax_forward},
    {"logSoftmaxBackward", log_softmax_backward},
    {"gluForward", glu_forward},
    {"gluBackward", glu_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

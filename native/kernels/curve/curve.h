// Activations beyond those that kernels fuse: element-wise curves with parameters, whose derivative follows from the input;
// log-softmax over rows; the gated linear unit. Formulas: curve_math.h, one text for float32 and double.
#pragma once
#include <cstdint>

namespace saraf {

enum class Curve : int {
  kRelu = 0,       // x > b ? min(x, c) : a·(x - b);  slope 1 where b < x < c
  kLeakyRelu,      // x > 0 ? x : a·x
  kElu,            // b·(x > 0 ? x : a·(e^(c·x) - 1));  slope at 0 is d
  kExponential,    // e^x
  kGelu,           // x·Φ(x)
  kGeluTanh,       // its approximation by tanh
  kHardShrink,     // |x| > a ? x : 0
  kHardSigmoid,    // clip(a·x + b, 0, 1)
  kHardSilu,       // x·clip(a·x + b, 0, 1)
  kClip,           // clip(x, a, b)
  kSoftplus,       // a·ln(1 + e^(a·x)), a = ±1
  kMish,           // x·tanh(ln(1 + e^x))
  kSilu,           // x / (1 + e^-x)
  kSoftShrink,     // sign(x)·max(|x| - a, 0)
  kSoftsign,       // x / (1 + |x|)
  kSparsePlus,     // 0 below -1, x above 1, (x + 1)²/4 between
  kSquareplus,     // (x + √(x² + a))/2
  kTanhShrink,     // x - tanh x
  kThreshold,      // x > a ? x : b
  kSparseSigmoid,  // clip((x + 1)/2, 0, 1)
  kCount
};

template <class T>
struct CurveParams {
  T a, b, c, d;
};

namespace ref {
// y = curve(x); y may be x. A NaN stays a NaN.
void f32_curve_fwd(const float* x, float* y, int64_t n, Curve curve, CurveParams<float> p);
void f64_curve_fwd(const double* x, double* y, int64_t n, Curve curve, CurveParams<double> p);
// dx = dy·curve'(x); dx may be dy or x.
void f32_curve_bwd(const float* x, const float* dy, float* dx, int64_t n, Curve curve, CurveParams<float> p);
void f64_curve_bwd(const double* x, const double* dy, double* dx, int64_t n, Curve curve, CurveParams<double> p);
// y = (x - m) - ln(lane_sum(e^(x - m))), m the largest of the row. y may be x.
void f32_log_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols);
void f64_log_softmax_fwd(const double* x, double* y, int64_t rows, int64_t cols);
// dx = fma(-e^y, lane_sum(dy), dy). dx may be dy.
void f32_log_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols);
void f64_log_softmax_bwd(const double* y, const double* dy, double* dx, int64_t rows, int64_t cols);
// x (rows,2·cols) is two halves a, b of each row; y (rows,cols) = a·s, s = 1/(1 + e^-b).
void f32_glu_fwd(const float* x, float* y, int64_t rows, int64_t cols);
void f64_glu_fwd(const double* x, double* y, int64_t rows, int64_t cols);
// da = dy·s;  db = (dy·a)·(s·(1 - s)). dx may be x.
void f32_glu_bwd(const float* x, const float* dy, float* dx, int64_t rows, int64_t cols);
void f64_glu_bwd(const double* x, const double* dy, double* dx, int64_t rows, int64_t cols);
}  // namespace ref

}  // namespace saraf

// Scalar functions for the `_ref` kernels: float by vmath's sequences, double by the C library. Only for SARAF_ISA_REF.
#pragma once
#include <cmath>

#include "core/shape.h"
#include "isa/vmath.h"

namespace saraf {
namespace ref {

static inline float ref_exp(float x) { return vexp({x}).v; }
static inline double ref_exp(double x) { return std::exp(x); }
static inline float ref_tanh(float x) { return vtanh({x}).v; }
static inline double ref_tanh(double x) { return std::tanh(x); }
static inline float ref_sigmoid(float x) { return vsigmoid({x}).v; }
static inline double ref_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static inline float ref_log(float x) { return vlog({x}).v; }
static inline double ref_log(double x) { return std::log(x); }

// Fading values of order.h: only in float; the bare formula of the double reference has none.
static inline float ref_quiet(float x) { return std::fabs(x) < 0x1p-96f ? 0.0f : x; }
static inline double ref_quiet(double x) { return x; }

template <class T>
static inline T ref_activate(T x, Activation act) {
  switch (act) {
    case kRelu: return T(0) > x ? T(0) : x;  // a NaN stays a NaN
    case kSigmoid: return ref_sigmoid(x);
    case kTanh: return ref_tanh(x);
    default: return x;
  }
}

// dy · act'(y), from the output.
static inline float ref_activate_grad(float y, float dy, Activation act) {
  switch (act) {
    case kRelu: return y > 0 ? dy : 0.0f;
    case kSigmoid: return dy * (y * (1.0f - y));
    case kTanh: return dy * std::fmaf(-y, y, 1.0f);
    default: return dy;
  }
}
static inline double ref_activate_grad(double y, double dy, Activation act) {
  switch (act) {
    case kRelu: return y > 0 ? dy : 0.0;
    case kSigmoid: return dy * (y * (1 - y));
    case kTanh: return dy * (1 - y * y);
    default: return dy;
  }
}

}  // namespace ref
}  // namespace saraf

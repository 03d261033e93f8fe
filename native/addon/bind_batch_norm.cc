// Batch, unit and RMS normalisation.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/norm/batch_norm.h"
#include "kernels/norm/unit_norm.h"

namespace saraf {

namespace {

void forward(const BatchNormArgs<float>& a) { kernels().f32_batch_norm_fwd(a); }
void forward(const BatchNormArgs<double>& a) { ref::f64_batch_norm_fwd(a); }
void backward(const BatchNormGradArgs<float>& a) { kernels().f32_batch_norm_bwd(a); }
void backward(const BatchNormGradArgs<double>& a) { ref::f64_batch_norm_bwd(a); }
void forward(const UnitNormArgs<float>& a) { kernels().f32_unit_norm_fwd(a); }
void forward(const UnitNormArgs<double>& a) { ref::f64_unit_norm_fwd(a); }
void backward(const UnitNormGradArgs<float>& a) { kernels().f32_unit_norm_bwd(a); }
void backward(const UnitNormGradArgs<double>& a) { ref::f64_unit_norm_bwd(a); }

int64_t columns(const Args& a, int i) {
  const int64_t cols = a.count(i, "cols");
  if (cols == 0) a.fail("ERR_SHAPE", "expected at least 1 column, received 0");
  return cols;
}

// A mask of one byte per so many rows in a row; null: no mask.
const uint8_t* mask_of(const Args& a, int i, int64_t rows, int64_t* per) {
  *per = 1;
  if (a.absent(i)) return nullptr;
  const int64_t length = a.length(i, "mask");
  if (length == 0 ? rows != 0 : rows % length != 0)
    a.fail("ERR_SHAPE", "expected mask to divide " + std::to_string(rows) + " rows, received " + std::to_string(length) + " values");
  if (length > 0) *per = rows / length;
  if (*per == 0) *per = 1;
  return a.array<uint8_t>(i, "mask", length);
}

// batchNormForward(x, mask, gamma, beta, y, mean, rstd, movingMean, movingVariance, rows, cols, epsilon, momentum, training)
void batch_norm_forward(Args& a) {
  const int64_t rows = a.count(9, "rows"), cols = columns(a, 10);
  const double epsilon = a.number(11, "epsilon"), momentum = a.number(12, "momentum");
  const bool training = a.boolean(13, "training");
  if (!(epsilon >= 0)) a.fail("ERR_ARG", "expected epsilon >= 0, received " + std::to_string(epsilon));
  if (!training && (a.absent(7) || a.absent(8))) a.fail("ERR_ARG", "expected movingMean and movingVariance outside of training, received null");
  int64_t per;
  const uint8_t* mask = mask_of(a, 1, rows, &per);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    forward(BatchNormArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), mask, per, a.optional<T>(2, "gamma", cols), a.optional<T>(3, "beta", cols),
                             a.array<T>(4, "y", rows * cols), a.array<T>(5, "mean", cols), a.array<T>(6, "rstd", cols),
                             a.optional<T>(7, "movingMean", cols), a.optional<T>(8, "movingVariance", cols), (T)epsilon, (T)momentum, training});
  });
}

// batchNormBackward(x, mask, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols, training)
void batch_norm_backward(Args& a) {
  const int64_t rows = a.count(9, "rows"), cols = columns(a, 10);
  const bool training = a.boolean(11, "training");
  int64_t per;
  const uint8_t* mask = mask_of(a, 1, rows, &per);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    backward(BatchNormGradArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), mask, per, a.optional<T>(2, "gamma", cols), a.array<T>(3, "mean", cols),
                                  a.array<T>(4, "rstd", cols), a.array<T>(5, "dy", rows * cols), a.optional<T>(6, "dx", rows * cols),
                                  a.optional<T>(7, "dgamma", cols), a.optional<T>(8, "dbeta", cols), training});
  });
}

double divisor_of(const Args& a, int i) {
  const double divisor = a.number(i, "divisor");
  if (!(divisor > 0)) a.fail("ERR_ARG", "expected divisor > 0, received " + std::to_string(divisor));
  return divisor;
}

// unitNormForward(x, gamma, y, scale, rows, cols, divisor, epsilon, largest)
void unit_norm_forward(Args& a) {
  const int64_t rows = a.count(4, "rows"), cols = columns(a, 5);
  const double divisor = divisor_of(a, 6), epsilon = a.number(7, "epsilon"), largest = a.number(8, "largest");
  if (!(epsilon >= 0)) a.fail("ERR_ARG", "expected epsilon >= 0, received " + std::to_string(epsilon));
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    forward(UnitNormArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), a.optional<T>(1, "gamma", cols), a.array<T>(2, "y", rows * cols),
                            a.array<T>(3, "scale", rows), (T)divisor, (T)epsilon, (T)largest});
  });
}

// unitNormBackward(x, gamma, scale, dy, dx, dgamma, rows, cols, divisor)
void unit_norm_backward(Args& a) {
  const int64_t rows = a.count(6, "rows"), cols = columns(a, 7);
  const double divisor = divisor_of(a, 8);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    backward(UnitNormGradArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), a.optional<T>(1, "gamma", cols), a.array<T>(2, "scale", rows),
                                 a.array<T>(3, "dy", rows * cols), a.optional<T>(4, "dx", rows * cols), a.optional<T>(5, "dgamma", cols), (T)divisor});
  });
}

}  // namespace

extern const Binding bindings_batch_norm[] = {
    {"batchNormForward", batch_norm_forward},
    {"batchNormBackward", batch_norm_backward},
    {"unitNormForward", unit_norm_forward},
    {"unitNormBackward", unit_norm_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

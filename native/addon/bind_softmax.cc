// softmax, softmax with cross-entropy.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/softmax/softmax.h"

namespace saraf {

namespace {

void forward(const float* x, float* y, int64_t rows, int64_t cols) { kernels().f32_softmax_fwd(x, y, rows, cols); }
void forward(const double* x, double* y, int64_t rows, int64_t cols) { ref::f64_softmax_fwd(x, y, rows, cols); }
void backward(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols) { kernels().f32_softmax_bwd(y, dy, dx, rows, cols); }
void backward(const double* y, const double* dy, double* dx, int64_t rows, int64_t cols) { ref::f64_softmax_bwd(y, dy, dx, rows, cols); }
void cross_entropy(const CrossEntropyArgs<float>& a) { kernels().f32_cross_entropy(a); }
void cross_entropy(const CrossEntropyArgs<double>& a) { ref::f64_cross_entropy(a); }

int64_t columns(const Args& a, int i) {
  const int64_t cols = a.count(i, "cols");
  if (cols == 0) a.fail("ERR_SHAPE", "expected at least 1 column, received 0");
  return cols;
}

// softmaxForward(x, y, rows, cols)
void softmax_forward(Args& a) {
  const int64_t rows = a.count(2, "rows"), cols = columns(a, 3);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    forward(a.array<T>(0, "x", rows * cols), a.array<T>(1, "y", rows * cols), rows, cols);
  });
}

// softmaxBackward(y, dy, dx, rows, cols)
void softmax_backward(Args& a) {
  const int64_t rows = a.count(3, "rows"), cols = columns(a, 4);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    backward(a.array<T>(0, "y", rows * cols), a.array<T>(1, "dy", rows * cols), a.array<T>(2, "dx", rows * cols), rows, cols);
  });
}

// softmaxCrossEntropy(z, target, weight, probs, loss, dz, rows, cols, scale)
void softmax_cross_entropy(Args& a) {
  const int64_t rows = a.count(6, "rows"), cols = columns(a, 7);
  const double scale = a.number(8, "scale");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    CrossEntropyArgs<T> c{};
    c.rows = rows;
    c.cols = cols;
    c.z = a.array<T>(0, "z", rows * cols);
    napi_typedarray_type type;
    if (a.raw(1) && napi_get_typedarray_info(a.env(), a.raw(1), &type, nullptr, nullptr, nullptr, nullptr) == napi_ok && type == napi_int32_array)
      c.labels = a.array<int32_t>(1, "target", rows);
    else
      c.target = a.array<T>(1, "target", rows * cols);
    c.weight = a.optional<T>(2, "weight", rows);
    c.probs = a.array<T>(3, "probs", rows * cols);
    c.loss = a.optional<T>(4, "loss", rows);
    c.dz = a.optional<T>(5, "dz", rows * cols);
    c.scale = (T)scale;
    if (c.labels)
      for (int64_t r = 0; r < rows; ++r)
        if (c.labels[r] < 0 || c.labels[r] >= cols)
          a.fail("ERR_DATA", "expected class numbers in [0," + std::to_string(cols) + "), received " + std::to_string(c.labels[r]) + " in row " +
                                 std::to_string(r) + "; give the last layer as many units as there are classes, or number the labels from 0");
    cross_entropy(c);
  });
}

}  // namespace

extern const Binding bindings_softmax[] = {
    {"softmaxForward", softmax_forward},
    {"softmaxBackward", softmax_backward},
    {"softmaxCrossEntropy", softmax_cross_entropy},
    {nullptr, nullptr},
};

}  // namespace saraf

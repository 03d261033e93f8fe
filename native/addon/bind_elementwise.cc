// Element-wise operations and row gathering.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/embedding/embedding.h"

namespace saraf {

namespace {

// binary(a, b, y, op)
void binary(Args& a) {
  const int64_t n = a.length(0, "a"), op = a.count(3, "op");
  if (op > (int64_t)Binary::kMultiply) a.fail("ERR_ARG", "expected op to be 0 (add), 1 (subtract) or 2 (multiply), received " + std::to_string(op));
  if (a.is_double(0)) ref::f64_binary(a.array<double>(0, "a", n), a.array<double>(1, "b", n), a.array<double>(2, "y", n), n, (Binary)op);
  else kernels().f32_binary(a.array<float>(0, "a", n), a.array<float>(1, "b", n), a.array<float>(2, "y", n), n, (Binary)op);
}

// affine(x, y, factor, offset)
void affine(Args& a) {
  const int64_t n = a.length(0, "x");
  const double factor = a.number(2, "factor"), offset = a.number(3, "offset");
  if (a.is_double(0)) ref::f64_affine(a.array<double>(0, "x", n), a.array<double>(1, "y", n), n, factor, offset);
  else kernels().f32_affine(a.array<float>(0, "x", n), a.array<float>(1, "y", n), n, (float)factor, (float)offset);
}

// bytesToFloat(x, y, factor)
void bytes_to_float(Args& a) {
  const int64_t n = a.length(0, "x");
  const uint8_t* x = a.array<uint8_t>(0, "x", n);
  const double factor = a.number(2, "factor");
  if (a.is_double(1)) ref::f64_bytes_to_float(x, a.array<double>(1, "y", n), n, factor);
  else kernels().f32_bytes_to_float(x, a.array<float>(1, "y", n), n, (float)factor);
}

template <class T>
void gather(Args& a, int64_t cols) {
  const int64_t size = a.length(0, "x"), count = a.length(1, "index");
  if (cols == 0 || size % cols != 0) a.fail("ERR_SHAPE", "expected x of whole rows of " + std::to_string(cols) + " values, received " + std::to_string(size));
  const int64_t rows = size / cols;
  const T* x = a.array<T>(0, "x", size);
  const int32_t* index = a.array<int32_t>(1, "index", count);
  T* y = a.array<T>(2, "y", count * cols);
  for (int64_t i = 0; i < count; ++i)
    if (index[i] < 0 || index[i] >= rows)
      a.fail("ERR_DATA", "expected row numbers in [0," + std::to_string(rows) + "), received " + std::to_string(index[i]) + " at position " +
                             std::to_string(i) + " of index");
  gather_rows(x, index, y, count, (size_t)cols * sizeof(T));
}

// gatherRows(x, index, y, cols)
void gather_rows_op(Args& a) {
  const int64_t cols = a.count(3, "cols");
  a.length(0, "x");
  napi_typedarray_type type;
  napi_get_typedarray_info(a.env(), a.raw(0), &type, nullptr, nullptr, nullptr, nullptr);
  switch (type) {
    case napi_float64_array: return gather<double>(a, cols);
    case napi_int32_array: return gather<int32_t>(a, cols);
    case napi_uint8_array: return gather<uint8_t>(a, cols);
    default: return gather<float>(a, cols);
  }
}

}  // namespace

extern const Binding bindings_elementwise[] = {
    {"binary", binary},
    {"affine", affine},
    {"bytesToFloat", bytes_to_float},
    {"gatherRows", gather_rows_op},
    {nullptr, nullptr},
};

}  // namespace saraf

// Moves and merges by strides, bilinear upsampling.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/strided/strided.h"

namespace saraf {

namespace {

// Fails unless `offset` and the farthest step of all axes lie within `size` values. Strides are not negative.
void within(const Args& a, const char* name, int axes, const int64_t* length, const int64_t* stride, int64_t offset, int64_t size) {
  int64_t last = offset;
  for (int k = 0; k < axes; ++k) {
    if (length[k] == 0) return;
    if (stride[k] < 0 || length[k] < 0 || stride[k] > size) a.fail("ERR_ARG", std::string("expected lengths and strides of ") + name + " in the array");
    last += (length[k] - 1) * stride[k];
    if (last > ((int64_t)1 << 48)) break;
  }
  if (offset < 0 || last >= size)
    a.fail("ERR_SHAPE", std::string("expected ") + name + " to reach to " + std::to_string(last) + ", received " + std::to_string(size) + " values");
}

// move(x, y, layout, clear): layout [kept, reduced, x offset, y offset, then length, x stride, y stride of each axis]
void move(Args& a) {
  const int64_t x_size = a.length(0, "x"), y_size = a.length(1, "y"), size = a.length(2, "layout");
  const int32_t* layout = a.array<int32_t>(2, "layout", size);
  const bool clear = a.boolean(3, "clear");
  const int64_t axes = size < 4 ? -1 : (int64_t)layout[0] + layout[1];
  if (axes < 1 || axes > kMaxAxes || layout[0] < 1 || layout[1] < 0 || size != 4 + 3 * axes)
    a.fail("ERR_ARG", "expected layout of 1 to 8 axes, received " + std::to_string(size) + " numbers");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    MoveArgs<T> m{};
    m.kept = layout[0];
    m.reduced = layout[1];
    for (int k = 0; k < (int)axes; ++k) {
      m.length[k] = layout[4 + 3 * k];
      m.x_stride[k] = layout[5 + 3 * k];
      m.y_stride[k] = layout[6 + 3 * k];
      if (m.length[k] < 0) a.fail("ERR_ARG", "expected lengths >= 0, received " + std::to_string(m.length[k]));
    }
    within(a, "x", (int)axes, m.length, m.x_stride, layout[2], x_size);
    within(a, "y", m.kept, m.length, m.y_stride, layout[3], y_size);
    m.clear_from = a.array<T>(1, "y", y_size);
    m.clear = clear ? y_size : 0;
    m.x = a.array<T>(0, "x", x_size) + layout[2];
    m.y = m.clear_from + layout[3];
    if constexpr (std::is_same_v<T, float>) kernels().f32_move(m);
    else ref::f64_move(m);
  });
}

// merge(a, b, c, y, layout, op): layout [length, stride of a, stride of b] of each axis
void merge(Args& a) {
  const int64_t a_size = a.length(0, "a"), b_size = a.length(1, "b"), size = a.length(4, "layout");
  const int32_t* layout = a.array<int32_t>(4, "layout", size);
  const int64_t op = a.count(5, "op");
  if (op >= (int64_t)Merge::kCount) a.fail("ERR_ARG", "expected op in [0, " + std::to_string((int)Merge::kCount) + "), received " + std::to_string(op));
  if (size < 3 || size % 3 != 0 || size > 3 * kMaxAxes) a.fail("ERR_ARG", "expected layout of 1 to 8 axes, received " + std::to_string(size) + " numbers");
  const bool needs_c = (op >= (int64_t)Merge::kWhereNotLess && op <= (int64_t)Merge::kWhereMore) || op >= (int64_t)Merge::kPreluInput;
  if (needs_c && a.absent(2)) a.fail("ERR_ARG", "expected c for this operation, received null");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    MergeArgs<T> m{};
    m.axes = (int)(size / 3);
    int64_t n = 1;
    for (int k = 0; k < m.axes; ++k) {
      m.length[k] = layout[3 * k];
      m.a_stride[k] = layout[3 * k + 1];
      m.b_stride[k] = layout[3 * k + 2];
      if (m.length[k] < 0) a.fail("ERR_ARG", "expected lengths >= 0, received " + std::to_string(m.length[k]));
      n *= m.length[k];
      if (n > ((int64_t)1 << 40)) a.fail("ERR_SHAPE", "expected fewer than 2^40 values");
    }
    within(a, "a", m.axes, m.length, m.a_stride, 0, a_size);
    within(a, "b", m.axes, m.length, m.b_stride, 0, b_size);
    if (m.a_stride[m.axes - 1] > 1 || m.b_stride[m.axes - 1] > 1) a.fail("ERR_ARG", "expected the last stride to be 0 or 1");
    m.op = (Merge)op;
    m.a = a.array<T>(0, "a", a_size);
    m.b = a.array<T>(1, "b", b_size);
    m.c = a.optional<T>(2, "c", n);
    m.y = a.array<T>(3, "y", n);
    if constexpr (std::is_same_v<T, float>) kernels().f32_merge(m);
    else ref::f64_merge(m);
  });
}

BilinearShape bilinear_of(const Args& a, int i) {
  const BilinearShape s{a.count(i, "N"), a.count(i + 1, "H"), a.count(i + 2, "W"), a.count(i + 3, "C"), a.count(i + 4, "scaleH"), a.count(i + 5, "scaleW")};
  if (s.sh < 1 || s.sw < 1) a.fail("ERR_ARG", "expected scales >= 1");
  return s;
}

// bilinearForward(x, y, N, H, W, C, scaleH, scaleW)
void bilinear_forward(Args& a) {
  const BilinearShape s = bilinear_of(a, 2);
  const int64_t n = s.N * s.H * s.W * s.C;
  if (a.is_double(0)) ref::f64_bilinear_fwd(s, a.array<double>(0, "x", n), a.array<double>(1, "y", n * s.sh * s.sw));
  else kernels().f32_bilinear_fwd(s, a.array<float>(0, "x", n), a.array<float>(1, "y", n * s.sh * s.sw));
}

// bilinearBackward(dy, dx, N, H, W, C, scaleH, scaleW)
void bilinear_backward(Args& a) {
  const BilinearShape s = bilinear_of(a, 2);
  const int64_t n = s.N * s.H * s.W * s.C;
  if (a.is_double(0)) ref::f64_bilinear_bwd(s, a.array<double>(0, "dy", n * s.sh * s.sw), a.array<double>(1, "dx", n));
  else kernels().f32_bilinear_bwd(s, a.array<float>(0, "dy", n * s.sh * s.sw), a.array<float>(1, "dx", n));
}

}  // namespace

extern const Binding bindings_strided[] = {
    {"move", move},
    {"merge", merge},
    {"bilinearForward", bilinear_forward},
    {"bilinearBackward", bilinear_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

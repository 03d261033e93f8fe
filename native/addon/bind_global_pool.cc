// Pooling over all cells of an item.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/global_pool/global_pool.h"

namespace saraf {

namespace {

// N, cells, C from argument i on.
GlobalPoolShape shape_of(const Args& a, int i) {
  const GlobalPoolShape s{a.count(i, "N"), a.count(i + 1, "cells"), a.count(i + 2, "C")};
  if (s.cells < 1) a.fail("ERR_SHAPE", "expected at least 1 cell to pool, received 0");
  return s;
}

// globalAverageForward(x, mask, y, N, cells, C)
void average_forward(Args& a) {
  const GlobalPoolShape s = shape_of(a, 3);
  const uint8_t* mask = a.optional<uint8_t>(1, "mask", s.N * s.cells);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T* x = a.array<T>(0, "x", s.N * s.cells * s.C);
    T* y = a.array<T>(2, "y", s.N * s.C);
    if constexpr (std::is_same_v<T, float>) kernels().f32_global_average_fwd(s, x, mask, y);
    else ref::f64_global_average_fwd(s, x, mask, y);
  });
}

// globalAverageBackward(dy, mask, dx, N, cells, C)
void average_backward(Args& a) {
  const GlobalPoolShape s = shape_of(a, 3);
  const uint8_t* mask = a.optional<uint8_t>(1, "mask", s.N * s.cells);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T* dy = a.array<T>(0, "dy", s.N * s.C);
    T* dx = a.array<T>(2, "dx", s.N * s.cells * s.C);
    if constexpr (std::is_same_v<T, float>) kernels().f32_global_average_bwd(s, dy, mask, dx);
    else ref::f64_global_average_bwd(s, dy, mask, dx);
  });
}

// globalMaxForward(x, y, N, cells, C)
void max_forward(Args& a) {
  const GlobalPoolShape s = shape_of(a, 2);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T* x = a.array<T>(0, "x", s.N * s.cells * s.C);
    T* y = a.array<T>(1, "y", s.N * s.C);
    if constexpr (std::is_same_v<T, float>) kernels().f32_global_max_fwd(s, x, y);
    else ref::f64_global_max_fwd(s, x, y);
  });
}

// globalMaxBackward(x, y, dy, dx, N, cells, C)
void max_backward(Args& a) {
  const GlobalPoolShape s = shape_of(a, 4);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", s.N * s.cells * s.C), *y = a.array<T>(1, "y", s.N * s.C), *dy = a.array<T>(2, "dy", s.N * s.C);
    T* dx = a.array<T>(3, "dx", s.N * s.cells * s.C);
    if constexpr (std::is_same_v<T, float>) kernels().f32_global_max_bwd(s, x, y, dy, dx);
    else ref::f64_global_max_bwd(s, x, y, dy, dx);
  });
}

}  // namespace

extern const Binding bindings_global_pool[] = {
    {"globalAverageForward", average_forward},
    {"globalAverageBackward", average_backward},
    {"globalMaxForward", max_forward},
    {"globalMaxBackward", max_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

#include "kernels/global_pool/global_pool.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/region.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

int64_t valid_cells(const GlobalPoolShape& s, const uint8_t* mask, int64_t n) {
  if (!mask) return s.cells;
  int64_t count = 0;
  for (int64_t t = 0; t < s.cells; ++t) count += mask[n * s.cells + t] != 0;
  return count;
}

// f(n) for every item, in parallel.
template <class F>
void each_item(const GlobalPoolShape& s, F f) {
  parallel_for(s.N, 1 + region_grain(60) / (s.cells * s.C + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; ++n) f(n);
  });
}

// f(strips, c, left) for strips of 16 channels from c on, of the last of which `left` channels are there. Several side by side where
// there are: 16 channels alone are one line of memory a cell, and the next cell's may be pages away, where nothing is fetched ahead.
template <int V>
struct Strips {
  static constexpr int count = V;
};
template <class F>
void each_strip(int64_t C, F f) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= C; c += 4 * kLanes) f(Strips<4>(), c, C - c);
  for (; c + 2 * kLanes <= C; c += 2 * kLanes) f(Strips<2>(), c, C - c);
  for (; c < C; c += kLanes) f(Strips<1>(), c, C - c);
}

}  // namespace

void f32_global_average_fwd(const GlobalPoolShape& s, const float* x, const uint8_t* mask, float* y) {
  SARAF_MARK(f32_global_average_fwd);
  each_item(s, [&](int64_t n) {
    const vec count = set1((float)valid_cells(s, mask, n));
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c;
      const float* from = x + n * s.cells * s.C + c;
      vec sum = zero();
      for (int64_t t = 0; t < s.cells; ++t)
        if (!mask || mask[n * s.cells + t]) sum = add(sum, load_n(from + t * s.C, left));
      store_n(y + n * s.C + c, div(sum, count), left);
    }
  });
}

void f32_global_average_bwd(const GlobalPoolShape& s, const float* dy, const uint8_t* mask, float* dx) {
  SARAF_MARK(f32_global_average_bwd);
  each_item(s, [&](int64_t n) {
    const vec count = set1((float)valid_cells(s, mask, n));
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c;
      const vec g = div(load_n(dy + n * s.C + c, left), count);
      float* to = dx + n * s.cells * s.C + c;
      for (int64_t t = 0; t < s.cells; ++t) store_n(to + t * s.C, !mask || mask[n * s.cells + t] ? g : zero(), left);
    }
  });
}

void f32_global_max_fwd(const GlobalPoolShape& s, const float* x, float* y) {
  SARAF_MARK(f32_global_max_fwd);
  each_item(s, [&](int64_t n) {
    each_strip(s.C, [&](auto strips, int64_t c, int64_t left) {
      constexpr int V = decltype(strips)::count;
      if (V > 1) left = kLanes;
      const float* from = x + n * s.cells * s.C + c;
      vec best[V];
      for (int v = 0; v < V; ++v) best[v] = load_n(from + v * kLanes, left);
      for (int64_t t = 1; t < s.cells; ++t)
        for (int v = 0; v < V; ++v) {
          const vec value = load_n(from + t * s.C + v * kLanes, left);
          best[v] = select(gt(value, best[v]), value, select(is_nan(value), value, best[v]));
        }
      for (int v = 0; v < V; ++v) store_n(y + n * s.C + c + v * kLanes, best[v], left);
    });
  });
}

void f32_global_max_bwd(const GlobalPoolShape& s, const float* x, const float* y, const float* dy, float* dx) {
  SARAF_MARK(f32_global_max_bwd);
  each_item(s, [&](int64_t n) {
    each_strip(s.C, [&](auto strips, int64_t c, int64_t left) {
      constexpr int V = decltype(strips)::count;
      if (V > 1) left = kLanes;
      const int64_t at = n * s.cells * s.C + c;
      vec top[V], share[V];
      for (int v = 0; v < V; ++v) {
        top[v] = load_n(y + n * s.C + c + v * kLanes, left);
        share[v] = zero();
      }
      // No cell is above the maximum, so those not below it are equal to it; of a NaN none is.
      for (int64_t t = 0; t < s.cells; ++t)
        for (int v = 0; v < V; ++v) share[v] = add(share[v], select(lt(load_n(x + at + t * s.C + v * kLanes, left), top[v]), zero(), set1(1.0f)));
      for (int v = 0; v < V; ++v) share[v] = select(is_nan(top[v]), zero(), div(load_n(dy + n * s.C + c + v * kLanes, left), share[v]));
      for (int64_t t = 0; t < s.cells; ++t)
        for (int v = 0; v < V; ++v) {
          const int64_t i = at + t * s.C + v * kLanes;
          store_n(dx + i, select(lt(load_n(x + i, left), top[v]), zero(), share[v]), left);
        }
    });
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

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

// Lanes of `yes` where a == b, else 0.
SARAF_INLINE vec equal(vec a, vec b, vec yes) {
  const vec ordered = select(gt(a, b), zero(), select(lt(a, b), zero(), yes));
  return select(is_nan(a), zero(), select(is_nan(b), zero(), ordered));
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
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c;
      const float* from = x + n * s.cells * s.C + c;
      vec best = load_n(from, left);
      for (int64_t t = 1; t < s.cells; ++t) {
        const vec v = load_n(from + t * s.C, left);
        best = select(gt(v, best), v, select(is_nan(v), v, best));
      }
      store_n(y + n * s.C + c, best, left);
    }
  });
}

void f32_global_max_bwd(const GlobalPoolShape& s, const float* x, const float* y, const float* dy, float* dx) {
  SARAF_MARK(f32_global_max_bwd);
  each_item(s, [&](int64_t n) {
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c, at = n * s.cells * s.C + c;
      const vec top = load_n(y + n * s.C + c, left);
      vec count = zero();
      for (int64_t t = 0; t < s.cells; ++t) count = add(count, equal(load_n(x + at + t * s.C, left), top, set1(1.0f)));
      const vec share = div(load_n(dy + n * s.C + c, left), count);
      for (int64_t t = 0; t < s.cells; ++t) store_n(dx + at + t * s.C, equal(load_n(x + at + t * s.C, left), top, share), left);
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "kernels/dropout/dropout.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "isa/vmath.h"
#include "kernels/dropout/philox16.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

enum : int64_t { kGrain = 16384 };

// f(i, left, values) for every vector of 16 elements; values[0 … 15] = map(24 random bits) as floats.
template <class Map, class F>
void each_draw(int64_t n, RandomStream random, Map map, F f) {
  parallel_for((n + kPhiloxDraws - 1) / kPhiloxDraws, kGrain / kPhiloxDraws, [&](int64_t begin, int64_t end, int) {
    for (int64_t batch = begin; batch < end; ++batch) {
      alignas(64) uint32_t bits[kPhiloxDraws];
      alignas(64) float values[kPhiloxDraws];
      philox16((uint64_t)batch * 16, random.counter, random.seed, random.stream, bits);
      for (int k = 0; k < kPhiloxDraws; ++k) values[k] = map(bits[k] >> 8);
      const int64_t stop = n - batch * kPhiloxDraws;
      for (int64_t k = 0; k < kPhiloxDraws && k < stop; k += kLanes) f(batch * kPhiloxDraws + k, stop - k, values + k);
    }
  });
}

}  // namespace

void f32_dropout(const float* x, float* y, int64_t n, uint32_t threshold, float scale, RandomStream random) {
  SARAF_MARK(f32_dropout);
  const vec s = set1(scale), below = set1((float)((int32_t)threshold - 1));
  each_draw(
      n, random, [](uint32_t b) { return (float)(int32_t)b; },
      [=](int64_t i, int64_t left, const float* b) { store_n(y + i, select(gt(load(b), below), mul(load_n(x + i, left), s), zero()), left); });
}

void f32_random_uniform(float* y, int64_t n, float low, float range, float last, RandomStream random) {
  SARAF_MARK(f32_random_uniform);
  const vec r = set1(range), l = set1(low), end = set1(last);
  each_draw(
      n, random, [](uint32_t b) { return (float)(int32_t)b * 0x1p-24f; },
      [=](int64_t i, int64_t left, const float* u) { store_n(y + i, min(fma(load(u), r, l), end), left); });
}

void f32_random_normal(float* y, int64_t n, float mean, float stddev, bool truncated, RandomStream random) {
  SARAF_MARK(f32_random_normal);
  const vec m = set1(mean), s = set1(stddev), inside = set1(truncated ? 0x1.e8b430p-1f : 1.0f), limit = set1(truncated ? 2.0f : 16.0f);
  each_draw(
      n, random, [](uint32_t b) { return (float)(2 * (int32_t)b + 1 - (1 << 24)) * 0x1p-24f; },
      [=](int64_t i, int64_t left, const float* u) {
        const vec q = vnormal_quantile(mul(load(u), inside));
        store_n(y + i, fma(max(neg(limit), min(limit, q)), s, m), left);
      });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "kernels/dropout/dropout.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_sum.h"
#include "core/rng.h"
#include "isa/vmath.h"

namespace saraf {
namespace ref {

namespace {

// f(i, b) for every element, b its 24 random bits.
template <class F>
void each_draw(int64_t n, RandomStream random, F f) {
  parallel_for((n + 3) / 4, 1024, [&](int64_t begin, int64_t end, int) {
    for (int64_t block = begin; block < end; ++block) {
      const PhiloxBlock words = philox((uint64_t)block, random.counter, random.seed, random.stream);
      for (int64_t i = block * 4; i < block * 4 + 4 && i < n; ++i) f(i, words.word[i % 4] >> 8);
    }
  });
}

template <class T>
void dropout(const T* x, T* y, int64_t n, uint32_t threshold, T scale, RandomStream random) {
  each_draw(n, random, [=](int64_t i, uint32_t b) { y[i] = b >= threshold ? x[i] * scale : T(0); });
}

template <class T>
void random_uniform(T* y, int64_t n, T low, T range, T last, RandomStream random) {
  each_draw(n, random, [=](int64_t i, uint32_t b) {
    const T v = ref_fma((T)b * (T)0x1p-24, range, low);
    y[i] = v < last ? v : last;
  });
}

template <class T>
void random_normal(T* y, int64_t n, T mean, T stddev, bool truncated, RandomStream random) {
  each_draw(n, random, [=](int64_t i, uint32_t b) {
    float u = (float)(2 * (int32_t)b + 1 - (1 << 24)) * 0x1p-24f;
    if (truncated) u = u * 0x1.e8b430p-1f;
    vec q = vnormal_quantile({u});
    if (truncated) q = max(set1(-2.0f), min(set1(2.0f), q));
    y[i] = ref_fma((T)q.v, stddev, mean);
  });
}

}  // namespace

void f32_dropout(const float* x, float* y, int64_t n, uint32_t threshold, float scale, RandomStream random) {
  SARAF_MARK(f32_dropout);
  dropout(x, y, n, threshold, scale, random);
}
void f64_dropout(const double* x, double* y, int64_t n, uint32_t threshold, double scale, RandomStream random) {
  dropout(x, y, n, threshold, scale, random);
}

void f32_random_uniform(float* y, int64_t n, float low, float range, float last, RandomStream random) {
  SARAF_MARK(f32_random_uniform);
  random_uniform(y, n, low, range, last, random);
}
void f64_random_uniform(double* y, int64_t n, double low, double range, double last, RandomStream random) {
  random_uniform(y, n, low, range, last, random);
}

void f32_random_normal(float* y, int64_t n, float mean, float stddev, bool truncated, RandomStream random) {
  SARAF_MARK(f32_random_normal);
  random_normal(y, n, mean, stddev, truncated, random);
}
void f64_random_normal(double* y, int64_t n, double mean, double stddev, bool truncated, RandomStream random) {
  random_normal(y, n, mean, stddev, truncated, random);
}

}  // namespace ref
}  // namespace saraf

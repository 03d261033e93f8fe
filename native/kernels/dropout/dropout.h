// Everything random. Element i uses draw i of core/rng.h: word i % 4 of block i / 4, for key (seed, stream) and `counter`
// (0 for the distributions). b is the draw's upper 24 bits, an integer in [0, 2^24).
//
// Variants: ref draws block by block; simd makes 16 blocks (64 draws) at a time.
#pragma once
#include <cstdint>

namespace saraf {

struct RandomStream {
  uint32_t seed, stream;
  uint64_t counter;
};

namespace ref {
// y = x·scale where b >= threshold, else 0; scale = 1/(1-rate) and threshold = ceil(rate·2^24), both made by the caller, once,
// in double. y may be x.
void f32_dropout(const float* x, float* y, int64_t n, uint32_t threshold, float scale, RandomStream random);
void f64_dropout(const double* x, double* y, int64_t n, uint32_t threshold, double scale, RandomStream random);
// y = min(fma(b·2^-24, range, low), last): uniform in [low, low + range), `last` the largest float below its end.
void f32_random_uniform(float* y, int64_t n, float low, float range, float last, RandomStream random);
void f64_random_uniform(double* y, int64_t n, double low, double range, double last, RandomStream random);
// q = vnormal_quantile(u), u = (2b + 1 - 2^24)·2^-24, symmetric in (-1, 1); y = fma(q, stddev, mean). With `truncated` u is first
// multiplied by erf(√2), the probability of |q| < 2, and q clamped to [-2, 2]: the normal distribution cut at two deviations.
// In double the same q, and the last line in double.
void f32_random_normal(float* y, int64_t n, float mean, float stddev, bool truncated, RandomStream random);
void f64_random_normal(double* y, int64_t n, double mean, double stddev, bool truncated, RandomStream random);
}  // namespace ref

}  // namespace saraf

// The sums of order.h for the `_ref` kernels: in float the order to the bit, in double the bare formula.
#pragma once
#include <cmath>
#include <cstdint>

#include "core/order.h"

namespace saraf {
namespace ref {

static inline float ref_fma(float a, float b, float c) { return std::fmaf(a, b, c); }
static inline double ref_fma(double a, double b, double c) { return a * b + c; }

// Σ_k a(k)·b(k) over [0, K) in `groups` groups.
template <class A, class B>
static inline float ordered_dot(float, int64_t K, int64_t groups, A a, B b) {
  float total = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = group_begin(K, groups, g + 1);
    int64_t k = group_begin(K, groups, g);
    float group = 0;
    for (bool first = true; k < end; first = false) {
      const int64_t stop = k + next_chunk(end - k);
      float chain = 0;
      for (; k < stop; ++k) chain = std::fmaf(a(k), b(k), chain);
      group = first ? chain : group + chain;
    }
    total = g == 0 ? group : total + group;
  }
  return total;
}
template <class A, class B>
static inline double ordered_dot(double, int64_t K, int64_t, A a, B b) {
  double total = 0;
  for (int64_t k = 0; k < K; ++k) total += a(k) * b(k);
  return total;
}

// Σ_k a(k), likewise, by plain adds.
template <class A>
static inline float ordered_sum(float, int64_t K, int64_t groups, A a) {
  float total = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = group_begin(K, groups, g + 1);
    int64_t k = group_begin(K, groups, g);
    float group = 0;
    for (bool first = true; k < end; first = false) {
      const int64_t stop = k + next_chunk(end - k);
      float chain = 0;
      for (; k < stop; ++k) chain = chain + a(k);
      group = first ? chain : group + chain;
    }
    total = g == 0 ? group : total + group;
  }
  return total;
}
template <class A>
static inline double ordered_sum(double, int64_t K, int64_t, A a) {
  double total = 0;
  for (int64_t k = 0; k < K; ++k) total += a(k);
  return total;
}

// lane_sum16 of order.h: term(i, s) gives s plus element i (by one add or one FMA).
template <class F>
static inline float lane_sum(float, int64_t n, F term) {
  float lane[16] = {};
  for (int64_t i = 0; i < n; ++i) lane[i % 16] = term(i, lane[i % 16]);
  for (int64_t i = n; i % 16 != 0; ++i) lane[i % 16] = lane[i % 16] + 0.0f;  // absent elements: -0 becomes +0
  for (int w = 8; w > 0; w /= 2)
    for (int l = 0; l < w; ++l) lane[l] = lane[l] + lane[l + w];
  return lane[0];
}
template <class F>
static inline double lane_sum(double, int64_t n, F term) {
  double s = 0;
  for (int64_t i = 0; i < n; ++i) s = term(i, s);
  return s;
}

}  // namespace ref
}  // namespace saraf

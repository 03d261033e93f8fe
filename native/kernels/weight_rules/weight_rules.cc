#include "kernels/weight_rules/weight_rules.h"

#include <cmath>

#include "core/parallel.h"
#include "core/region.h"

namespace saraf {

template <class T>
void penalty_sums(const T* w, int64_t n, double* sums) {
  double sizes = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double v = (double)w[i];
    sizes += std::fabs(v);
    squares += v * v;
  }
  sums[0] = sizes;
  sums[1] = squares;
}

template <class T>
void penalty_gradient(const T* w, T* g, int64_t n, double l1, double twice_l2) {
  parallel_for(n, region_grain(500), [=](int64_t begin, int64_t end, int) {
    if (l1 == 0) {
      for (int64_t i = begin; i < end; ++i) g[i] = (T)((double)g[i] + twice_l2 * (double)w[i]);
      return;
    }
    for (int64_t i = begin; i < end; ++i) {
      const double v = (double)w[i], sign = v > 0 ? 1.0 : v < 0 ? -1.0 : v;
      g[i] = (T)((double)g[i] + l1 * sign + twice_l2 * v);
    }
  });
}

namespace {

// norms[v] = factor of the vector whose Σw² it was.
void to_factors(double* norms, int64_t count, const Lengths& lengths) {
  const double least = lengths.least, most = lengths.most, rate = lengths.rate, rest = 1 - rate;
  for (int64_t v = 0; v < count; ++v) {
    const double norm = std::sqrt(norms[v]), above = norm > least ? norm : least, clipped = above < most ? above : most;
    norms[v] = (rate == 1 ? clipped : rate * clipped + rest * norm) / (1e-7 + norm);
  }
}

constexpr int64_t kSideBySide = 512;  // vectors whose sums stay in the first cache

}  // namespace

template <class T>
void bring_to_lengths(T* w, int64_t n, const int32_t* of, int64_t vectors, double* norms, const Lengths& lengths) {
  if (n == 0) return;
  if (of) {
    for (int64_t v = 0; v < vectors; ++v) norms[v] = 0;
    for (int64_t i = 0; i < n; ++i) norms[of[i]] += (double)w[i] * (double)w[i];
    to_factors(norms, vectors, lengths);
    for (int64_t i = 0; i < n; ++i) w[i] = (T)((double)w[i] * norms[of[i]]);
    return;
  }
  const int64_t rows = n / vectors, blocks = (vectors + kSideBySide - 1) / kSideBySide;
  parallel_for(blocks, 1 + region_grain(2000) / (rows * kSideBySide), [=](int64_t begin, int64_t end, int) {
    for (int64_t b = begin; b < end; ++b) {
      const int64_t first = b * kSideBySide, count = vectors - first < kSideBySide ? vectors - first : kSideBySide;
      double* norm = norms + first;
      for (int64_t v = 0; v < count; ++v) norm[v] = 0;
      for (int64_t r = 0; r < rows; ++r) {
        const T* from = w + r * vectors + first;
        for (int64_t v = 0; v < count; ++v) norm[v] += (double)from[v] * (double)from[v];
      }
      to_factors(norm, count, lengths);
      for (int64_t r = 0; r < rows; ++r) {
        T* to = w + r * vectors + first;
        for (int64_t v = 0; v < count; ++v) to[v] = (T)((double)to[v] * norm[v]);
      }
    }
  });
}

template void penalty_sums<float>(const float*, int64_t, double*);
template void penalty_sums<double>(const double*, int64_t, double*);
template void penalty_gradient<float>(const float*, float*, int64_t, double, double);
template void penalty_gradient<double>(const double*, double*, int64_t, double, double);
template void bring_to_lengths<float>(float*, int64_t, const int32_t*, int64_t, double*, const Lengths&);
template void bring_to_lengths<double>(double*, int64_t, const int32_t*, int64_t, double*, const Lengths&);

}  // namespace saraf

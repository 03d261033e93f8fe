// The product that gemm, convolution and the recurrent kernels share, compiled per instruction set.
//
// A block of C is made chunk by chunk of k (order.h). Per chunk B is packed into panels of kNR columns (L2), then panel by
// panel of kMR rows A is packed (L1) and swept along B. Operands come through packers, so that an im2col or a time-major
// view needs no copy of its own. Threads own disjoint blocks and pack for themselves: no barrier anywhere.
#pragma once
#include "core/order.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "core/shape.h"
#include "isa/transpose.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_ISA_AVX512)
constexpr int kMR = 14, kNV = 2;
#elif defined(SARAF_ISA_AVX2)
constexpr int kMR = 6, kNV = 1;
#else
constexpr int kMR = 2, kNV = 1;
#endif
constexpr int kNR = kNV * kLanes;
constexpr int64_t kMaxChunk = kChunk + kChunk / 2, kNC = 512;
constexpr int64_t kPackAFloats = kMaxChunk * kMR + 64, kPackBFloats = kMaxChunk * kNC + 64;

// Writes rows [m0, m0+m), k in [k0, k0+kc): dst[(k-k0)·kMR + i]. m <= kMR; rows beyond m are not read by the kernel.
// dst has 16 floats of slack.
using PackA = void (*)(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst);
// Writes columns [n0, n0+n), n <= kNR: dst[(k-k0)·kNR + j], columns beyond n zero.
using PackB = void (*)(const void* context, int64_t k0, int64_t kc, int64_t n0, int n, float* dst);

struct Product {
  int64_t M, N, K;
  PackA pack_a;
  const void* a;
  PackB pack_b;
  const void* b;
  // Row-major B that may be read without packing (small M), or null.
  const float* b_direct;
  int64_t ldb;
  float* c;
  int64_t ldc;
  const float* bias;
  Activation act;
  int64_t groups;  // weight_groups(…) for weight gradients, else 1
};

SARAF_INLINE vec activate(vec x, Activation act) {
  switch (act) {
    case kRelu: return max(zero(), x);
    case kSigmoid: return vsigmoid(x);
    case kTanh: return vtanh(x);
    default: return x;
  }
}

// C tile (M rows, n columns) = or += one FMA chain over kc; then, if bias, + bias.
template <int M>
static __attribute__((noinline)) void tile(int64_t kc, const float* a, const float* b, int64_t ldb, float* c, int64_t ldc, int n,
                                           bool accumulate, const float* bias) {
  vec s[M][kNV];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) s[i][v] = zero();
#pragma GCC unroll 2
  for (int64_t k = 0; k < kc; ++k) {
    vec w[kNV];
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const vec x = set1(a[i]);
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) s[i][v] = fma(x, w[v], s[i][v]);
    }
    a += kMR;
    b += ldb;
  }
  if (n == kNR) {
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) {
        float* p = c + i * ldc + v * kLanes;
        vec r = accumulate ? add(load(p), s[i][v]) : s[i][v];
        if (bias) r = add(r, load(bias + v * kLanes));
        store(p, r);
      }
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) {
      const int left = n - v * kLanes;
      if (left <= 0) continue;
      float* p = c + i * ldc + v * kLanes;
      vec r = accumulate ? add(load_n(p, left), s[i][v]) : s[i][v];
      if (bias) r = add(r, load_n(bias + v * kLanes, left));
      store_n(p, r, left);
    }
}

using Tile = void (*)(int64_t, const float*, const float*, int64_t, float*, int64_t, int, bool, const float*);
static const Tile kTiles[] = {
    nullptr, tile<1>, tile<2>,
#if defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_AVX512)
    tile<3>, tile<4>, tile<5>, tile<6>,
#endif
#if defined(SARAF_ISA_AVX512)
    tile<7>, tile<8>, tile<9>, tile<10>, tile<11>, tile<12>, tile<13>, tile<14>,
#endif
};

static inline void activate_tile(float* c, int64_t ldc, int m, int n, Activation act) {
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; j += kLanes) store_n(c + i * ldc + j, activate(load_n(c + i * ldc + j, n - j), act), n - j);
}

// The block rows [m0,m1) × columns [n0,n1) of C over k in [k0,k1). pa: kPackAFloats, pb: kPackBFloats. `last` adds bias
// and activation. Serial; may run inside a parallel region.
static void product_block(const Product& p, int64_t m0, int64_t m1, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* c,
                          int64_t ldc, bool last, float* pa, float* pb) {
  const int64_t rows = m1 - m0;
  if (rows <= 0 || n1 <= n0) return;
  const int64_t panels = (rows + kMR - 1) / kMR;
  const bool direct = p.b_direct && panels <= 3;
  for (int64_t nb = n0; nb < n1; nb += kNC) {
    const int64_t ne = nb + kNC < n1 ? nb + kNC : n1;
    if (k1 <= k0) {  // an empty sum is 0
      for (int64_t m = m0; m < m1; ++m)
        for (int64_t n = nb; n < ne; ++n) {
          const float v = p.bias && last ? p.bias[n] : 0.0f;
          c[m * ldc + n] = v;
        }
    }
    for (int64_t k = k0; k < k1;) {
      const int64_t kc = next_chunk(k1 - k);
      const bool final_chunk = last && k + kc == k1;
      for (int64_t n = nb; n < ne; n += kNR) {
        const int w = (int)(ne - n < kNR ? ne - n : kNR);
        if (!direct || w < kNR) p.pack_b(p.b, k, kc, n, w, pb + (n - nb) * kc);
      }
      for (int64_t q = 0; q < panels; ++q) {
        const int64_t r0 = m0 + rows * q / panels;
        const int m = (int)(m0 + rows * (q + 1) / panels - r0);
        p.pack_a(p.a, r0, m, k, kc, pa);
        for (int64_t n = nb; n < ne; n += kNR) {
          const int w = (int)(ne - n < kNR ? ne - n : kNR);
          const bool in_place = direct && w == kNR;
          kTiles[m](kc, pa, in_place ? p.b_direct + k * p.ldb + n : pb + (n - nb) * kc, in_place ? p.ldb : kNR, c + r0 * ldc + n, ldc, w,
                    k > k0, final_chunk && p.bias ? p.bias + n : nullptr);
          if (final_chunk && p.act != kLinear) activate_tile(c + r0 * ldc + n, ldc, m, w, p.act);
        }
      }
      k += kc;
    }
    if (k1 <= k0 && last && p.act != kLinear)
      for (int64_t m = m0; m < m1; ++m) activate_tile(c + m * ldc + nb, ldc, 1, (int)(ne - nb), p.act);
  }
}

// How the rows and columns are shared among `threads`: tm·tn <= threads, blocks as square as can be.
static inline void choose_grid(const Product& p, int64_t threads, int64_t* tm, int64_t* tn) {
  const int64_t mp = (p.M + kMR - 1) / kMR, np = (p.N + kNR - 1) / kNR;
  double best = -1;
  *tm = *tn = 1;
  for (int64_t a = 1; a <= threads && a <= mp; ++a) {
    for (int64_t b = 1; a * b <= threads && b <= np; ++b) {
      const double rows = (double)((mp + a - 1) / a) * kMR, cols = (double)((np + b - 1) / b) * kNR;
      const double cost = rows * cols + 8 * (rows + cols);  // products, and packing
      if (best < 0 || cost < best) {
        best = cost;
        *tm = a;
        *tn = b;
      }
    }
  }
}

// The whole product, in parallel.
[[maybe_unused]] static void product(const Product& p) {
  if (p.M <= 0 || p.N <= 0) return;
  const int64_t groups = p.groups;
  const double work = (double)p.M * (double)p.N * (double)(p.K > 0 ? p.K : 1);
  const int64_t threads = work < 2e5 ? 1 : thread_count();
  int64_t tm, tn;
  choose_grid(p, groups >= threads ? 1 : (threads + groups - 1) / groups, &tm, &tn);
  const int64_t tasks = groups * tm * tn;
  float* sums = groups > 1 ? scratch_floats(Slot::kGroups, (size_t)((groups - 1) * p.M * p.N)) : nullptr;
  const int64_t owners = tasks < threads ? tasks : threads;
  float* pa = scratch_floats(Slot::kPackA, (size_t)(owners * kPackAFloats));
  float* pb = scratch_floats(Slot::kPackB, (size_t)(owners * kPackBFloats));
  const int64_t mp = (p.M + kMR - 1) / kMR, np = (p.N + kNR - 1) / kNR;
  auto run = [&](int64_t t, int owner) {
    const int64_t g = t / (tm * tn), i = t % (tm * tn) / tn, j = t % tn;
    auto edge = [](int64_t panels, int64_t parts, int64_t part, int64_t unit, int64_t limit) {
      const int64_t at = panels * part / parts * unit;
      return at < limit ? at : limit;
    };
    float* c = g == 0 ? p.c : sums + (g - 1) * p.M * p.N;
    product_block(p, edge(mp, tm, i, kMR, p.M), edge(mp, tm, i + 1, kMR, p.M), edge(np, tn, j, kNR, p.N), edge(np, tn, j + 1, kNR, p.N),
                  group_begin(p.K, groups, g), group_begin(p.K, groups, g + 1), c, g == 0 ? p.ldc : p.N, groups == 1,
                  pa + owner * kPackAFloats, pb + owner * kPackBFloats);
  };
  if (owners == 1) {
    for (int64_t t = 0; t < tasks; ++t) run(t, 0);
  } else {
    parallel_each(tasks, [&](int64_t t, int owner) { run(t, owner); });
  }
  if (groups > 1) {
    parallel_for(p.M, 1 + 65536 / (p.N * groups), [&](int64_t begin, int64_t end, int) {
      for (int64_t m = begin; m < end; ++m)
        for (int64_t n = 0; n < p.N; n += kLanes) {
          const int64_t left = p.N - n;
          vec s = load_n(p.c + m * p.ldc + n, left);
          for (int64_t g = 1; g < groups; ++g) s = add(s, load_n(sums + ((g - 1) * p.M + m) * p.N + n, left));
          store_n(p.c + m * p.ldc + n, s, left);
        }
    });
  }
}

// Packers of plain matrices.
struct Matrix {
  const float* data;
  int64_t ld;
};
[[maybe_unused]] static void pack_a_rows(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst) {
  const Matrix& a = *static_cast<const Matrix*>(context);
  transpose_strip(a.data + m0 * a.ld + k0, a.ld, m, kc, dst, kMR);
}
[[maybe_unused]] static void pack_a_columns(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst) {
  const Matrix& a = *static_cast<const Matrix*>(context);
  const float* src = a.data + k0 * a.ld + m0;
  for (int64_t k = 0; k < kc; ++k) store(dst + k * kMR, load_tail(src + k * a.ld, m));
}
[[maybe_unused]] static void pack_b_rows(const void* context, int64_t k0, int64_t kc, int64_t n0, int n, float* dst) {
  const Matrix& b = *static_cast<const Matrix*>(context);
  const float* src = b.data + k0 * b.ld + n0;
  for (int64_t k = 0; k < kc; ++k)
    for (int v = 0; v < kNV; ++v) {
      const int left = n - v * kLanes;
      store(dst + k * kNR + v * kLanes, left > 0 ? load_n(src + k * b.ld + v * kLanes, left) : zero());
    }
}
[[maybe_unused]] static void pack_b_columns(const void* context, int64_t k0, int64_t kc, int64_t n0, int n, float* dst) {
  const Matrix& b = *static_cast<const Matrix*>(context);
  const float* src = b.data + n0 * b.ld + k0;
  if (n < kNR)
    for (int64_t i = 0; i < kc * kNR; i += kLanes) store(dst + i, zero());
  if (n == kNR) {
    for (int j = 0; j < kNR; j += kLanes) transpose_strip(src + j * b.ld, b.ld, kLanes, kc, dst + j, kNR);
    return;
  }
  for (int j = 0; j < n; ++j)
    for (int64_t k = 0; k < kc; ++k) dst[k * kNR + j] = src[j * b.ld + k];
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// The product that matrix products and convolutions share in bfloat16.
//
// Columns are cut into blocks, k into stretches, so that a stretch of packed B stays in L2; blocks of 32 rows are packed chunk
// by chunk of k (L1) and swept along B. Threads own blocks of C and pack for themselves: no barrier, no sum across threads.
#pragma once
#include "core/region.h"
#include "core/scratch.h"
#include "kernels/mixed/bf16_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

constexpr int64_t kRowsOfBlock = 2 * kTile, kColumnsOfBlock = 512, kChunkOfRows = 512, kStretchBytes = 1 << 20;
constexpr int64_t kRowPackValues = kRowsOfBlock * kChunkOfRows, kColumnPackValues = kStretchBytes / 2 + kDeep * kColumnsOfBlock;

// Rows [m0, m0+m), m <= 32, k in [k0, k0+kc): tiles of A, `kc` padded. Rows beyond m are undefined, k beyond kc zero.
using PackRows = void (*)(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst);
// Columns [n0, n0+n), n <= 16: one panel of B, columns beyond n and k beyond kc zero.
using PackPanel = void (*)(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, bf16* dst);

struct MixedProduct {
  int64_t M, N, K;
  PackRows pack_a;
  const void* a;
  PackPanel pack_b;
  const void* b;
  float* c;
  int64_t ldc;
  const float* bias;
  Activation act;
};

SARAF_INLINE vec activate(vec x, Activation act) {
  switch (act) {
    case kRelu: return max(zero(), x);
    case kSigmoid: return vsigmoid(x);
    case kTanh: return vtanh(x);
    default: return x;
  }
}

// A block of at most 32×32 at its place in C, or through `edge` (32×32) where it is cut. The sum goes on from what C holds, so the
// ends of chunks and stretches change no bit.
static inline void mixed_block(int64_t deep_tiles, const bf16* a, int64_t a_rows, const bf16* b, int64_t b_panel, float* c, int64_t ldc, int64_t m,
                               int64_t n, bool accumulate, const float* bias, Activation act, float* edge) {
  const bool whole = (m == kRowsOfBlock || m == kTile) && (n == 2 * kTile || n == kTile);
  float* to = whole ? c : edge;
  const int64_t ld = whole ? ldc : 2 * kTile;
  if (!whole && accumulate)
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; j += kLanes) store(edge + i * ld + j, load_n(c + i * ldc + j, n - j));
  if (m > kTile) {
    if (n > kTile) block<2, 2>(deep_tiles, a, a_rows, b, b_panel, to, ld, accumulate);
    else block<2, 1>(deep_tiles, a, a_rows, b, b_panel, to, ld, accumulate);
  } else {
    if (n > kTile) block<1, 2>(deep_tiles, a, a_rows, b, b_panel, to, ld, accumulate);
    else block<1, 1>(deep_tiles, a, a_rows, b, b_panel, to, ld, accumulate);
  }
  if (whole && !bias && act == kLinear) return;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; j += kLanes) {
      vec r = load_n(to + i * ld + j, n - j);
      if (bias) r = add(r, load_n(bias + j, n - j));
      store_n(c + i * ldc + j, activate(r, act), n - j);
    }
}

// Rows [m0,m1) × columns [n0,n1) of C. pa, pb: the thread's own room for packed operands.
static void mixed_share(const MixedProduct& p, int64_t m0, int64_t m1, int64_t n0, int64_t n1, bf16* pa, bf16* pb) {
  if (m1 <= m0 || n1 <= n0) return;
  alignas(64) float edge[kRowsOfBlock * 2 * kTile];
  if (p.K == 0) {
    for (int64_t m = m0; m < m1; ++m)
      for (int64_t n = n0; n < n1; n += kLanes)
        store_n(p.c + m * p.ldc + n, activate(p.bias ? load_n(p.bias + n, n1 - n) : zero(), p.act), n1 - n);
    return;
  }
  for (int64_t nb = n0; nb < n1; nb += kColumnsOfBlock) {
    const int64_t ne = nb + kColumnsOfBlock < n1 ? nb + kColumnsOfBlock : n1, panels = (ne - nb + kTile - 1) / kTile;
    const int64_t stretches = (deep(p.K) * panels * kTile * 2 + kStretchBytes - 1) / kStretchBytes;
    for (int64_t s = 0; s < stretches; ++s) {
      const int64_t tiles = deep(p.K) / kDeep, k0 = tiles * s / stretches * kDeep, end = tiles * (s + 1) / stretches * kDeep;
      const int64_t k1 = end < p.K ? end : p.K, b_panel = (end - k0) * kTile;
      if (k1 <= k0) continue;
      for (int64_t i = 0; i < panels; ++i) {
        const int64_t n = nb + i * kTile;
        p.pack_b(p.b, k0, k1 - k0, n, ne - n < kTile ? ne - n : kTile, pb + i * b_panel);
      }
      const int64_t blocks = (m1 - m0 + kRowsOfBlock - 1) / kRowsOfBlock;
      for (int64_t q = 0; q < blocks; ++q) {
        const int64_t m = m0 + q * kRowsOfBlock, rows = m1 - m < kRowsOfBlock ? m1 - m : kRowsOfBlock;
        for (int64_t k = k0; k < k1; k += kChunkOfRows) {
          const int64_t kc = k1 - k < kChunkOfRows ? k1 - k : kChunkOfRows, deep_tiles = deep(kc) / kDeep;
          const bool last = k + kc == p.K;
          p.pack_a(p.a, m, rows, k, kc, pa);
          for (int64_t n = nb; n < ne; n += 2 * kTile) {
            const int64_t w = ne - n < 2 * kTile ? ne - n : 2 * kTile;
            mixed_block(deep_tiles, pa, deep_tiles * kTileValues, pb + (n - nb) / kTile * b_panel + (k - k0) * kTile, b_panel, p.c + m * p.ldc + n,
                        p.ldc, rows, w, k > 0, last && p.bias ? p.bias + n : nullptr, last ? p.act : kLinear, edge);
          }
        }
      }
    }
  }
}

// The whole product, in parallel.
[[maybe_unused]] static void mixed_product(const MixedProduct& p) {
  if (p.M <= 0 || p.N <= 0) return;
  const double work = (double)p.M * (double)p.N * (double)(p.K > 0 ? p.K : 1);
  const int64_t threads = region_pays(work, 2) ? thread_count() : 1;
  const int64_t mt = (p.M + kRowsOfBlock - 1) / kRowsOfBlock, nt = (p.N + 2 * kTile - 1) / (2 * kTile);
  int64_t tm = 1, tn = 1;
  double best = -1;
  for (int64_t a = 1; a <= threads && a <= mt; ++a)
    for (int64_t b = 1; a * b <= threads && b <= nt; ++b) {
      const double rows = (double)((mt + a - 1) / a), columns = (double)((nt + b - 1) / b), cost = rows * columns + 0.3 * rows + 0.1 * columns;
      if (best >= 0 && cost >= best) continue;
      best = cost;
      tm = a;
      tn = b;
    }
  const int64_t tasks = tm * tn, own = kRowPackValues + kColumnPackValues;
  bf16* packs = static_cast<bf16*>(scratch_bytes(Slot::kPackB, (size_t)(tasks * own * 2)));
  parallel_for(tasks, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = t / tn, j = t % tn;
      auto edge = [](int64_t parts, int64_t count, int64_t part, int64_t unit, int64_t limit) {
        const int64_t at = parts * part / count * unit;
        return at < limit ? at : limit;
      };
      mixed_share(p, edge(mt, tm, i, kRowsOfBlock, p.M), edge(mt, tm, i + 1, kRowsOfBlock, p.M), edge(nt, tn, j, 2 * kTile, p.N),
                  edge(nt, tn, j + 1, 2 * kTile, p.N), packs + t * own, packs + t * own + kRowPackValues);
    }
  });
}

// Packers of plain matrices.
struct MixedMatrix {
  const float* data;
  int64_t ld;
};
// A as it lies, row-major.
[[maybe_unused]] static void mixed_rows(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst) {
  const MixedMatrix& a = *static_cast<const MixedMatrix*>(context);
  const int64_t tiles = deep(kc) / kDeep;
  for (int64_t i = 0; i < m; ++i) {
    const float* row = a.data + (m0 + i) * a.ld + k0;
    bf16* to = dst + i / kTile * tiles * kTileValues + i % kTile * kDeep;
    for (int64_t k = 0; k < kc; k += kDeep, to += kTileValues) store_pairs(to, round_pair(load_some(row + k, kc - k), load_some(row + k + 16, kc - k - 16)));
  }
}
// A as columns of memory: a[k·ld + m].
[[maybe_unused]] static void mixed_rows_transposed(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst) {
  const MixedMatrix& a = *static_cast<const MixedMatrix*>(context);
  const int64_t tiles = deep(kc) / kDeep;
  for (int64_t i = 0; i < m; i += kTile)
    for (int64_t t = 0; t < tiles; ++t) {
      const float* from = a.data + (k0 + t * kDeep) * a.ld + m0 + i;
      const int64_t left = kc - t * kDeep;
      transpose_pairs([&](int64_t k) __attribute__((always_inline)) { return k < left ? load_n(from + k * a.ld, m - i) : zero(); },
                      dst + (i / kTile * tiles + t) * kTileValues);
    }
}
// B row-major.
[[maybe_unused]] static void mixed_panel(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, bf16* dst) {
  const MixedMatrix& b = *static_cast<const MixedMatrix*>(context);
  const float* from = b.data + k0 * b.ld + n0;
  const int64_t end = deep(kc);
  for (int64_t k = 0; k < end; k += 2, dst += 2 * kTile)
    store_pairs(dst, pair_rows(k < kc ? load_n(from + k * b.ld, n) : zero(), k + 1 < kc ? load_n(from + (k + 1) * b.ld, n) : zero()));
}
// B as columns of memory: b[n·ld + k].
[[maybe_unused]] static void mixed_panel_transposed(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, bf16* dst) {
  const MixedMatrix& b = *static_cast<const MixedMatrix*>(context);
  const float* from = b.data + n0 * b.ld + k0;
  for (int64_t k = 0; k < kc; k += kDeep, dst += kTileValues) {
    __m512 r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
      r[i] = i < n ? _mm512_castsi512_ps(round_pair(load_some(from + i * b.ld + k, kc - k), load_some(from + i * b.ld + k + 16, kc - k - 16)))
                   : _mm512_setzero_ps();
    transpose16(r);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) _mm512_storeu_ps(dst + i * 2 * kTile, r[i]);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

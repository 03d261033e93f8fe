// Gradients of a convolution whose dz is nearly all zeros, as behind a maximum over all positions: dw and dx from the other
// terms alone, in the same chunks, so that leaving the zeros out changes no bit of a finite sum. Behind such a maximum
// one output pixel per image and filter counts: of the products that a dense kernel makes, one in as many as there are pixels.
//
// But for this: a term that underflows to −0 stays it or not by the zeros beside it, so a zero may have the other sign than in the dense
// sum (ref). And an infinity or a NaN in x or w that meets only zeros of dz does not reach dw and dx here.
#pragma once
#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "core/shape.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

// A term costs about three times what it costs in a tile, so that one in sixteen is safely less work.
constexpr int64_t kSparse = 16;
// dz is searched in so many pieces, each of which must be sparse: shape and data alone choose the kernel, never threads.
constexpr int64_t kSparsePieces = 16;
constexpr int64_t kSparseWork = 1 << 20;  // products below which searching dz does not pay

// The places of dz that are not 0, ascending: pixel · F + filter.
struct SparseTerms {
  const int64_t* place;
  int64_t count;
};

// False where dz is not sparse. `place` stays valid until Slot::kConv is asked for again.
static bool find_sparse_terms(const ConvShape& s, const float* dz, SparseTerms* terms) {
  const int64_t rows = s.N * s.OH * s.OW, pieces = rows < kSparsePieces ? 1 : kSparsePieces;
  if ((double)rows * s.F * s.kh * s.kw * (s.C / s.groups) < kSparseWork) return false;
  const int64_t room = (rows / pieces + 1) * s.F / kSparse + 1;
  int64_t* found = static_cast<int64_t*>(scratch_bytes(Slot::kConv, (size_t)(pieces * room + pieces) * sizeof(int64_t)));
  int64_t* counts = found + pieces * room;
  parallel_for(pieces, 1 + 65536 / (room * kSparse), [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t first = rows * p / pieces * s.F, last = rows * (p + 1) / pieces * s.F, most = (last - first) / kSparse;
      int64_t* to = found + p * room;
      int64_t count = 0;
      for (int64_t i = first; i < last && count <= most; i += kLanes) {
        if (all_zero_bits(load_n(dz + i, last - i))) continue;
        for (int64_t j = i; j < last && j < i + kLanes && count <= most; ++j)
          if (dz[j] != 0) to[count++] = j;  // a NaN too
      }
      counts[p] = count <= most ? count : -1;
    }
  });
  int64_t total = 0;
  for (int64_t p = 0; p < pieces; ++p) {
    if (counts[p] < 0) return false;
    for (int64_t i = 0; i < counts[p]; ++i) found[total++] = found[p * room + i];
  }
  *terms = {found, total};
  return true;
}

// chain[i] += x[i] · g, one FMA each.
static void add_scaled(const float* x, int64_t n, float g, float* chain) {
  const vec factor = set1(g);
  for (int64_t i = 0; i < n; i += kLanes) store_n(chain + i, fma(load_n(x + i, n - i), factor, load_n(chain + i, n - i)), n - i);
}

// sum[i] += chain[i], which starts again from 0.
static void end_chain(float* chain, int64_t n, float* sum) {
  for (int64_t i = 0; i < n; i += kLanes) {
    store_n(sum + i, add(load_n(sum + i, n - i), load_n(chain + i, n - i)), n - i);
    store_n(chain + i, zero(), n - i);
  }
}

// Which chunk of a sum of length K the term at k is in, as next_chunk cuts them.
static inline int64_t chunk_of(int64_t k, int64_t K) {
  const int64_t chunks = K <= kChunk + kChunk / 2 ? 1 : (K - kChunk / 2 + kChunk - 1) / kChunk;
  return k / kChunk < chunks ? k / kChunk : chunks - 1;
}

// chain (kh,kw,Cg) of filter f gets the window of x at output pixel k, times g.
static void add_window(const ConvShape& s, const float* x, int64_t k, int64_t f, float g, float* chain) {
  const int64_t Cg = s.C / s.groups, ox = k % s.OW, oy = k / s.OW % s.OH, n = k / s.OW / s.OH;
  const float* image = x + n * s.H * s.W * s.C + f / (s.F / s.groups) * Cg;
  const int64_t x0 = ox * s.sw - s.pl;
  for (int64_t ky = 0; ky < s.kh; ++ky) {
    const int64_t iy = oy * s.sh - s.pt + ky * s.dh;
    if (iy < 0 || iy >= s.H) continue;
    const float* line = image + iy * s.W * s.C;
    float* row = chain + ky * s.kw * Cg;
    if (s.groups == 1 && s.dw == 1) {  // the taps of a line are neighbours
      const int64_t first = x0 < 0 ? -x0 : 0, last = x0 + s.kw > s.W ? s.W - x0 : s.kw;
      if (last > first) add_scaled(line + (x0 + first) * s.C, (last - first) * s.C, g, row + first * s.C);
      continue;
    }
    for (int64_t kx = 0; kx < s.kw; ++kx) {
      const int64_t ix = x0 + kx * s.dw;
      if (ix >= 0 && ix < s.W) add_scaled(line + ix * s.C, Cg, g, row + kx * Cg);
    }
  }
}

static bool sparse_weight_gradient(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SparseTerms terms;
  if (!find_sparse_terms(s, dz, &terms)) return false;
  SARAF_MARK(f32_conv_sparse_bwd_weights);
  const int64_t K = s.N * s.OH * s.OW, M = s.kh * s.kw * (s.C / s.groups), groups = weight_groups(K, M * (s.F / s.groups));
  // The terms of each filter, ascending.
  int64_t* starts = static_cast<int64_t*>(scratch_bytes(Slot::kGroups, (size_t)(s.F + 1 + terms.count) * sizeof(int64_t)));
  int64_t* order = starts + s.F + 1;
  for (int64_t f = 0; f <= s.F; ++f) starts[f] = 0;
  for (int64_t i = 0; i < terms.count; ++i) ++starts[terms.place[i] % s.F + 1];
  for (int64_t f = 0; f < s.F; ++f) starts[f + 1] += starts[f];
  for (int64_t i = 0; i < terms.count; ++i) order[starts[terms.place[i] % s.F]++] = terms.place[i] / s.F;
  for (int64_t f = s.F; f > 0; --f) starts[f] = starts[f - 1];
  starts[0] = 0;
  // Per thread: the sums of a strip of filters, and of one filter the sum of a group and the chain of a chunk.
  const int64_t pitch = (M + kLanes - 1) / kLanes * kLanes, owned = (kLanes + 2) * pitch, strips = (s.F + kLanes - 1) / kLanes;
  float* memory = scratch_floats(Slot::kPackB, (size_t)(thread_count() * owned));
  auto run = [&](int64_t strip, int owner) {
    float *sums = memory + owner * owned, *group = sums + kLanes * pitch, *chain = group + pitch;
    for (int64_t i = 0; i < owned; i += kLanes) store(sums + i, zero());
    const int64_t f0 = strip * kLanes, f1 = f0 + kLanes < s.F ? f0 + kLanes : s.F;
    for (int64_t f = f0; f < f1; ++f) {
      int64_t i = starts[f];
      for (int64_t g = 0; g < groups && i < starts[f + 1]; ++g) {
        const int64_t begin = group_begin(K, groups, g), end = group_begin(K, groups, g + 1);
        if (order[i] >= end) continue;
        while (i < starts[f + 1] && order[i] < end) {
          const int64_t chunk = chunk_of(order[i] - begin, end - begin);
          for (; i < starts[f + 1] && order[i] < end && chunk_of(order[i] - begin, end - begin) == chunk; ++i)
            add_window(s, x, order[i], f, dz[order[i] * s.F + f], chain);
          end_chain(chain, M, group);
        }
        end_chain(group, M, sums + (f - f0) * pitch);
      }
    }
    for (int64_t m = 0; m < M; ++m)
      for (int64_t f = f0; f < f1; ++f) dw[m * s.F + f] = sums[(f - f0) * pitch + m];
  };
  parallel_each(strips, [&](int64_t strip, int owner) { run(strip, owner); });
  return true;
}

static bool sparse_data_gradient(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SparseTerms terms;
  if (!find_sparse_terms(s, dz, &terms)) return false;
  SARAF_MARK(f32_conv_sparse_bwd_data);
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups, rows = s.N * s.OH * s.OW, taps = s.kh * s.kw;
  // Where the terms of each output pixel start.
  int64_t* starts = static_cast<int64_t*>(scratch_bytes(Slot::kGroups, (size_t)(rows + 1) * sizeof(int64_t)));
  for (int64_t k = 0, i = 0; k <= rows; ++k) {
    while (i < terms.count && terms.place[i] < k * s.F) ++i;
    starts[k] = i;
  }
  // Weights with a filter's channels side by side, (tap,f,c).
  const int64_t pitch = (s.C + kLanes - 1) / kLanes * kLanes, owned = 2 * pitch;
  float* turned = scratch_floats(Slot::kPackB, (size_t)(taps * s.F * Cg + thread_count() * owned));
  float* memory = turned + taps * s.F * Cg;
  parallel_for(taps * s.F, 1 + 16384 / Cg, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t c = 0; c < Cg; ++c) turned[i * Cg + c] = w[(i / s.F * Cg + c) * s.F + i % s.F];
  });
  parallel_for(s.N * s.H * s.W, 1 + 16384 / (s.C + taps), [&](int64_t first, int64_t last, int owner) {
    float *sum = memory + owner * owned, *chain = sum + pitch;
    for (int64_t i = 0; i < owned; i += kLanes) store(sum + i, zero());
    for (int64_t m = first; m < last; ++m) {
      const int64_t ix = m % s.W, iy = m / s.W % s.H, n = m / s.W / s.H;
      float* to = dx + m * s.C;
      // Length of the sum: taps that fall between the strides are none of it, those outside the image keep their place.
      int64_t K = 0;
      bool any = false;
      for (int64_t ky = 0; ky < s.kh; ++ky)
        for (int64_t kx = 0; kx < s.kw; ++kx) {
          const int64_t v = iy + s.pt - ky * s.dh, u = ix + s.pl - kx * s.dw;
          if (v % s.sh != 0 || u % s.sw != 0) continue;
          K += Fg;
          if (v < 0 || u < 0 || v / s.sh >= s.OH || u / s.sw >= s.OW) continue;
          const int64_t k = (n * s.OH + v / s.sh) * s.OW + u / s.sw;
          any = any || starts[k + 1] > starts[k];
        }
      if (!any) {
        for (int64_t c = 0; c < s.C; c += kLanes) store_n(to + c, zero(), s.C - c);
        continue;
      }
      for (int64_t g = 0; g < s.groups; ++g) {
        int64_t place = 0, chunk = 0;
        for (int64_t ky = s.kh - 1; ky >= 0; --ky)
          for (int64_t kx = s.kw - 1; kx >= 0; --kx) {
            const int64_t v = iy + s.pt - ky * s.dh, u = ix + s.pl - kx * s.dw;
            if (v % s.sh != 0 || u % s.sw != 0) continue;
            const bool inside = v >= 0 && u >= 0 && v / s.sh < s.OH && u / s.sw < s.OW;
            const int64_t k = inside ? (n * s.OH + v / s.sh) * s.OW + u / s.sw : 0;
            for (int64_t i = inside ? starts[k] : 0, end = inside ? starts[k + 1] : 0; i < end; ++i) {
              const int64_t f = terms.place[i] - k * s.F;
              if (f / Fg != g) continue;
              const int64_t own = chunk_of(place + f % Fg, K);
              if (own != chunk) end_chain(chain, Cg, sum);
              chunk = own;
              add_scaled(turned + ((ky * s.kw + kx) * s.F + f) * Cg, Cg, dz[terms.place[i]], chain);
            }
            place += Fg;
          }
        end_chain(chain, Cg, sum);
        for (int64_t c = 0; c < Cg; c += kLanes) {
          store_n(to + g * Cg + c, load_n(sum + c, Cg - c), Cg - c);
          store_n(sum + c, zero(), Cg - c);
        }
      }
    }
  });
  return true;
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

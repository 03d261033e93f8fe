// F(4×4,3×3), see winograd.h. Weights are transformed once per call into panels of kNR outputs. Then each thread takes
// blocks of tiles so small that their transformed inputs stay in L2: input transform, and per panel 36 products and the
// output transform. The weight gradient has one sum over all tiles, so there threads share a block of tiles between two
// barriers: transforms cut by tile, products by place and panel.
#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "kernels/conv/winograd.h"
#include "kernels/conv/winograd_tile.h"
#include "kernels/conv/winograd_transform.h"
#include "isa/transpose.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

enum : int64_t { kPlaces = 36, kApart = 80 };  // kApart: floats between planes, so that they do not share cache sets

struct TilePlace {
  int64_t n, oy, ox;
};
SARAF_INLINE TilePlace tile_place(const WinogradShape& q, int64_t t) {
  const int64_t across = q.tile_columns(), down = q.tile_rows();
  return {t / across / down, t / across % down * 4, t % across * 4};
}

int64_t round16(int64_t n) { return (n + 15) / 16 * 16; }
int64_t panels_of(int64_t n) { return (n + kNR - 1) / kNR; }
int64_t plane_floats(int64_t rows) { return rows * kNR + 16; }  // one place of a panel

// U[panel][ξ][c][kNR] of w[tap][c][f], lines of ldw floats, of which those past F may hold anything.
void transform_weights(const float* w, int64_t ldw, int64_t C, int64_t F, float* u) {
  const int64_t plane = plane_floats(C);
  parallel_for(panels_of(F) * C, 64, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t panel = i / C, c = i % C;
      for (int64_t l = 0; l < kNR; l += kLanes) {
        const int64_t f = panel * kNR + l, left = F - f;
        float* to = u + panel * kPlaces * plane + c * kNR + l;
        vec in[3][3], out[6][6];
        for (int t = 0; t < 9; ++t) in[t / 3][t % 3] = left > 0 ? load_n(w + (t * C + c) * ldw + f, left) : zero();
        winograd_both_axes(WinogradWeights(), in, out);
        for (int p = 0; p < kPlaces; ++p) store(to + p * plane, out[p / 6][p % 6]);
      }
    }
  });
}

// V of one tile: v[ξ·plane + c], channels padded to whole vectors.
void transform_input(const WinogradShape& q, const float* x, int64_t t, float* v, int64_t plane) {
  const TilePlace at = tile_place(q, t);
  const int64_t y0 = at.oy - q.pt, x0 = at.ox - q.pl;
  const float* from = x + ((at.n * q.H + y0) * q.W + x0) * q.C;
  const bool whole = y0 >= 0 && x0 >= 0 && y0 + 6 <= q.H && x0 + 6 <= q.W;
  for (int64_t c = 0; c < q.C; c += kLanes) {
    const int64_t left = q.C - c;
    vec in[6][6], out[6][6];
    if (whole && left >= kLanes) {
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i)
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) in[i][j] = load(from + (i * q.W + j) * q.C + c);
    } else {
      for (int i = 0; i < 6; ++i)
        for (int j = 0; j < 6; ++j) {
          const bool inside = y0 + i >= 0 && y0 + i < q.H && x0 + j >= 0 && x0 + j < q.W;
          in[i][j] = inside ? load_n(from + (i * q.W + j) * q.C + c, left) : zero();
        }
    }
    winograd_both_axes(WinogradInput(), in, out);
#pragma GCC unroll 36
    for (int p = 0; p < kPlaces; ++p) store(v + p * plane + c, out[p / 6][p % 6]);
  }
}

// y of one tile and panel from M[ξ·plane + lane].
void transform_output(const WinogradShape& q, const float* m, int64_t plane, int64_t t, int64_t f0, const float* b, float* y, Activation act) {
  const TilePlace at = tile_place(q, t);
  const int64_t rows = q.OH - at.oy < 4 ? q.OH - at.oy : 4, columns = q.OW - at.ox < 4 ? q.OW - at.ox : 4;
  for (int64_t l = 0; l < kNR && f0 + l < q.F; l += kLanes) {
    const int64_t f = f0 + l, left = q.F - f;
    vec in[6][6], out[4][4];
#pragma GCC unroll 36
    for (int p = 0; p < kPlaces; ++p) in[p / 6][p % 6] = load(m + p * plane + l);
    winograd_both_axes(WinogradOutput(), in, out);
    const vec bias = b ? load_n(b + f, left) : zero();
    float* to = y + ((at.n * q.OH + at.oy) * q.OW + at.ox) * q.F + f;
    if (rows == 4 && columns == 4 && left >= kLanes && act <= kRelu) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          const vec sum = b ? add(out[i][j], bias) : out[i][j];
          store(to + (i * q.OW + j) * q.F, act == kRelu ? max(zero(), sum) : sum);
        }
      continue;
    }
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        vec sum = out[i][j];
        if (b) sum = add(sum, bias);
        store_n(to + (i * q.OW + j) * q.F, activate(sum, act), left);
      }
  }
}

// The kernels u are transform_weights'. Tiles of a block and their products are a thread's own.
void convolve(const WinogradShape& q, const float* x, const float* u, const float* b, float* y, Activation act) {
  constexpr int64_t kBudget = 256 * 1024;  // floats of V in a block
  const int64_t tiles = q.tiles(), ld = round16(q.C), threads = thread_count();
  int64_t most = kBudget / (kPlaces * ld) / kMR * kMR;
  most = most < kMR ? kMR : most > 128 ? 128 / kMR * kMR : most;
  int64_t blocks = (tiles + most - 1) / most;
  blocks = (blocks + threads - 1) / threads * threads;
  const int64_t size = (tiles + blocks - 1) / blocks, plane_v = size * ld + kApart, plane_m = size * kNR + kApart;
  const int64_t owned = kPlaces * (plane_v + plane_m) + 64, plane_u = plane_floats(q.C);
  float* memory = scratch_floats(Slot::kConv, (size_t)(threads * owned));
  parallel_each(blocks, [&](int64_t block, int owner) {
    float *v = memory + owner * owned, *m = v + kPlaces * plane_v;
    const int64_t t0 = tiles * block / blocks, count = tiles * (block + 1) / blocks - t0, strips = (count + kMR - 1) / kMR;
    for (int64_t t = 0; t < count; ++t) transform_input(q, x, t0 + t, v + t * ld, plane_v);
    for (int64_t panel = 0; panel < panels_of(q.F); ++panel) {
      for (int64_t p = 0; p < kPlaces; ++p) {
        const float* weights = u + (panel * kPlaces + p) * plane_u;
        for (int64_t i = 0; i < strips; ++i) {
          const int64_t r = count * i / strips, rows = count * (i + 1) / strips - r;
          for (int64_t k = 0, kc; k < q.C; k += kc) {
            kc = next_winograd_chunk(q.C - k);
            kWinogradTiles[rows](kc, v + p * plane_v + r * ld + k, ld, weights + k * kNR, m + p * plane_m + r * kNR, k > 0);
          }
        }
      }
      for (int64_t t = 0; t < count; ++t) transform_output(q, m + t * kNR, plane_m, t0 + t, panel * kNR, b, y, act);
    }
  });
}

// Z of one tile, panels [p0, p1): z[(panel − p0)·apart + ξ·plane + lane], filters padded to whole panels with zeros.
void transform_gradient(const WinogradShape& q, const float* dz, int64_t t, int64_t p0, int64_t p1, float* z, int64_t plane, int64_t apart) {
  const TilePlace at = tile_place(q, t);
  const float* from = dz + ((at.n * q.OH + at.oy) * q.OW + at.ox) * q.F;
  const bool whole = at.oy + 4 <= q.OH && at.ox + 4 <= q.OW;
  for (int64_t f = p0 * kNR; f < p1 * kNR; f += kLanes) {
    const int64_t left = q.F - f;
    vec in[4][4], out[6][6];
    if (whole && left >= kLanes) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) in[i][j] = load(from + (i * q.OW + j) * q.F + f);
    } else {
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) in[i][j] = left > 0 && at.oy + i < q.OH && at.ox + j < q.OW ? load_n(from + (i * q.OW + j) * q.F + f, left) : zero();
    }
    winograd_both_axes(WinogradGradient(), in, out);
    float* to = z + (f / kNR - p0) * apart + f % kNR;
#pragma GCC unroll 36
    for (int p = 0; p < kPlaces; ++p) store(to + p * plane, out[p / 6][p % 6]);
  }
}

int64_t weights_floats(int64_t C, int64_t F) { return panels_of(F) * kPlaces * plane_floats(C) + 64; }

}  // namespace

void f32_winograd_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_winograd_fwd);
  float* u = scratch_floats(Slot::kPackB, (size_t)weights_floats(s.C, s.F));
  transform_weights(w, s.F, s.C, s.F, u);
  convolve(winograd_fwd_shape(s), x, u, b, y, act);
}

void f32_winograd_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_winograd_bwd_data);
  const int64_t ld = round16(s.C), strips = ld / 16;
  float* turned = scratch_floats(Slot::kPackA, (size_t)(9 * s.F * ld + 64));  // [tap][f][c]
  float* u = scratch_floats(Slot::kPackB, (size_t)weights_floats(s.F, s.C));
  parallel_for(9 * strips, 1 + 8192 / s.F, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t tap = i / strips, c = i % strips * 16;
      transpose_strip(w + ((8 - tap) * s.C + c) * s.F, s.F, (int)(s.C - c < 16 ? s.C - c : 16), s.F, turned + tap * s.F * ld + c, ld);
    }
  });
  transform_weights(turned, ld, s.F, s.C, u);
  convolve(winograd_bwd_data_shape(s), dz, u, nullptr, dx, kLinear);
}

namespace {

// One panel's product at one place: sum[c·kNR + lane] = or += Σ V·Z over `count` tiles, of which `left` remain in all.
void add_products(const WinogradShape& q, int64_t count, int64_t left, const float* v, int64_t ld, const float* z, float* sum, bool accumulate) {
  const int64_t strips = (q.C + kMR - 1) / kMR;
  for (int64_t t = 0, tc; t < count; t += tc) {
    tc = next_winograd_chunk(left - t);
    for (int64_t j = 0; j < strips; ++j) {
      const int64_t c = q.C * j / strips, rows = q.C * (j + 1) / strips - c;
      kWinogradGradientTiles[rows](tc, v + t * ld + c, ld, z + t * kNR, sum + c * kNR, accumulate || t > 0);
    }
  }
}

// dw of the rows [begin, end) of panel·C + c from the sums.
void transform_sums(const WinogradShape& q, const float* sums, int64_t begin, int64_t end, float* dw) {
  const int64_t plane_u = plane_floats(q.C);
  for (int64_t i = begin; i < end; ++i) {
    const int64_t panel = i / q.C, c = i % q.C;
    for (int64_t l = 0; l < kNR && panel * kNR + l < q.F; l += kLanes) {
      const int64_t f = panel * kNR + l;
      const float* sum = sums + panel * kPlaces * plane_u + c * kNR + l;
      vec in[6][6], out[3][3];
      for (int p = 0; p < kPlaces; ++p) in[p / 6][p % 6] = load(sum + p * plane_u);
      winograd_both_axes(WinogradWeightGradient(), in, out);
      for (int t = 0; t < 9; ++t) store_n(dw + (t * q.C + c) * q.F + f, out[t / 3][t % 3], q.F - f);
    }
  }
}

constexpr int64_t kGradientBudget = 512 * 1024;  // floats that L2 holds

}  // namespace

// Where channels are fewer than filters, threads part the filters, so finely that V, Z and the sums of a share stay in L2, and
// transform the inputs anew for each share: no barrier, and nothing that one wrote is read by the other. Else they share blocks of tiles.
void f32_winograd_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_winograd_bwd_weights);
  const WinogradShape q = winograd_fwd_shape(s);
  const int64_t tiles = q.tiles(), panels = panels_of(q.F), threads = thread_count();
  const int64_t ld = round16(q.C) + 16;  // an odd number of lines: rows of V lie in different cache sets
  const int64_t plane_u = plane_floats(q.C);
  float* sums = scratch_floats(Slot::kPackB, (size_t)weights_floats(q.C, q.F));  // [panel][ξ][c][kNR]
  for (int64_t shares = threads; shares <= panels && q.C * (shares - 1) <= q.F; shares += threads) {
    const int64_t share = panels / shares;
    if (panels % shares != 0 || kWinogradChunk * kPlaces * (ld + share * kNR) + share * kPlaces * plane_u > kGradientBudget) continue;
    const int64_t last = kWinogradChunk + kWinogradChunk / 2, most = tiles < last ? tiles : last;
    const int64_t plane_v = most * ld + kApart, plane_z = most * kNR + kApart, apart = kPlaces * plane_z, owned = kPlaces * plane_v + share * apart + 64;
    float* memory = scratch_floats(Slot::kConv, (size_t)(threads * owned));
    parallel_for(shares, 1, [&](int64_t begin, int64_t end, int owner) {
      float *v = memory + owner * owned, *z = v + kPlaces * plane_v;
      for (int64_t p0 = begin * share, p1; p0 < end * share; p0 = p1) {
        p1 = p0 + share;
        for (int64_t t0 = 0, count; t0 < tiles; t0 += count) {
          count = next_winograd_chunk(tiles - t0);
          for (int64_t t = 0; t < count; ++t) {
            transform_input(q, x, t0 + t, v + t * ld, plane_v);
            transform_gradient(q, dz, t0 + t, p0, p1, z + t * kNR, plane_z, apart);
          }
          for (int64_t p = 0; p < kPlaces; ++p)
            for (int64_t panel = p0; panel < p1; ++panel)
              add_products(q, count, tiles - t0, v + p * plane_v, ld, z + (panel - p0) * apart + p * plane_z, sums + (panel * kPlaces + p) * plane_u, t0 > 0);
        }
        transform_sums(q, sums, p0 * q.C, p1 * q.C, dw);
      }
    });
    return;
  }
  // One chunk of tiles where it stays in L2 together with all sums; else four, so that the sums travel less often.
  const bool small = kWinogradChunk * kPlaces * (ld + panels * kNR) + weights_floats(q.C, q.F) <= kGradientBudget;
  const int64_t usual = small ? kWinogradChunk : 4 * kWinogradChunk, last = usual + kWinogradChunk / 2, most = tiles < last ? tiles : last;
  const int64_t plane_v = most * ld + kApart, plane_z = most * kNR + kApart, apart = kPlaces * plane_z;
  float* v = scratch_floats(Slot::kConv, (size_t)(kPlaces * plane_v + panels * apart + 64));
  float* z = v + kPlaces * plane_v;
  for (int64_t t0 = 0, count; t0 < tiles; t0 += count) {
    count = tiles - t0 <= last ? tiles - t0 : usual;
    parallel_for(count, 4, [&](int64_t begin, int64_t end, int) {
      for (int64_t t = begin; t < end; ++t) {
        transform_input(q, x, t0 + t, v + t * ld, plane_v);
        transform_gradient(q, dz, t0 + t, 0, panels, z + t * kNR, plane_z, apart);
      }
    });
    parallel_for(kPlaces * panels, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t p = i / panels, panel = i % panels;
        add_products(q, count, tiles - t0, v + p * plane_v, ld, z + panel * apart + p * plane_z, sums + (panel * kPlaces + p) * plane_u, t0 > 0);
      }
    });
  }
  parallel_for(panels * q.C, 64, [&](int64_t begin, int64_t end, int) { transform_sums(q, sums, begin, end, dw); });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

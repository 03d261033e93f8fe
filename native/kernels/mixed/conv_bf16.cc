// Convolution in bfloat16 as implicit products: patches are rounded while they are packed, and never stored.
//
//   y   rows are output pixels, k = (ky,kx,c);   dx  rows are input pixels, k = (ky,kx,f), taps in ascending order;
//   dw  rows are (ky,kx,c), k = output pixels.
#include "core/marks.h"
#include "kernels/mixed/bf16_product.h"
#include "kernels/mixed/mixed.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// Patches: row (n,y,x), k = (ty,tx,c). `at(row)` and `tap` name a pixel of the source, or none (a pixel outside counts 0).
struct Patches {
  const float* source;
  int64_t H, W, ld, C;        // of the source; ld: values between pixels
  int64_t rows_high, rows_wide;  // pixels that have a patch, per image
  int64_t kh, kw;
  // Source line of row line y and tap ty: (y·sy + ty·dy − py) / div, where that divides evenly.
  int64_t sy, dy, py, div_y, sx, dx, px, div_x;
};

SARAF_INLINE int64_t source_at(int64_t at, int64_t div, int64_t limit) {
  if (at < 0 || (div > 1 && at % div != 0)) return -1;
  if (div > 1) at /= div;
  return at < limit ? at : -1;
}

struct Pixel {
  int64_t n, y, x;
};
SARAF_INLINE Pixel pixel_of(int64_t row, int64_t high, int64_t wide) {
  const int64_t line = row / wide;
  return {line / high, line % high, row - line * wide};
}
SARAF_INLINE void next_pixel(Pixel* p, int64_t high, int64_t wide) {
  if (++p->x < wide) return;
  p->x = 0;
  if (++p->y < high) return;
  p->y = 0;
  ++p->n;
}

// The source of tap (ty,tx) for a patch, or null.
SARAF_INLINE const float* tap_of(const Patches& s, const Pixel& p, int64_t ty, int64_t tx) {
  const int64_t y = source_at(p.y * s.sy + ty * s.dy - s.py, s.div_y, s.H), x = source_at(p.x * s.sx + tx * s.dx - s.px, s.div_x, s.W);
  return y < 0 || x < 0 ? nullptr : s.source + ((p.n * s.H + y) * s.W + x) * s.ld;
}

void pack_patches(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst) {
  const Patches& s = *static_cast<const Patches*>(context);
  const int64_t tiles = deep(kc) / kDeep;
  const __m512i nothing = _mm512_setzero_si512();
  Pixel p = pixel_of(m0, s.rows_high, s.rows_wide);
  for (int64_t i = 0; i < m; ++i, next_pixel(&p, s.rows_high, s.rows_wide)) {
    bf16* to = dst + i / kTile * tiles * kTileValues + i % kTile * kDeep;
    int64_t tap = k0 / s.C, c = k0 % s.C, ty = tap / s.kw, tx = tap % s.kw;
    if (s.C % kDeep == 0) {  // a tile of k lies in one tap
      for (int64_t k = 0; k < kc;) {
        const int64_t run = s.C - c < kc - k ? s.C - c : kc - k;
        const float* from = tap_of(s, p, ty, tx);
        if (from) {
          from += c;
          for (int64_t j = 0; j < run; j += kDeep, to += kTileValues) store_pairs(to, round_pair(load(from + j), load(from + j + 16)));
        } else {
          for (int64_t j = 0; j < run; j += kDeep, to += kTileValues) store_pairs(to, nothing);
        }
        k += run;
        c = 0;
        if (++tx == s.kw) tx = 0, ++ty;
      }
      continue;
    }
    alignas(64) float row[kDeep + kLanes];
    for (int64_t k = 0, filled = 0; k < kc;) {
      const int64_t left = s.C - c < kc - k ? s.C - c : kc - k, run = left < kDeep - filled ? left : kDeep - filled;
      const float* from = tap_of(s, p, ty, tx);
      for (int64_t j = 0; j < run; j += kLanes) store(row + filled + j, from ? load_n(from + c + j, run - j) : zero());
      k += run;
      filled += run;
      c += run;
      if (c == s.C) {
        c = 0;
        if (++tx == s.kw) tx = 0, ++ty;
      }
      if (filled == kDeep || k == kc) {
        for (int64_t j = filled; j < kDeep; j += kLanes) store(row + j, zero());
        store_pairs(to, round_pair(load(row), load(row + 16)));
        to += kTileValues;
        filled = 0;
      }
    }
  }
}

// Patches turned: rows (ty,tx,c), k = (n,y,x).
void pack_turned_patches(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst) {
  const Patches& s = *static_cast<const Patches*>(context);
  const int64_t tiles = deep(kc) / kDeep;
  for (int64_t i = 0; i < m; i += kTile, dst += tiles * kTileValues) {
    const int64_t rows = m - i < kTile ? m - i : kTile, first = m0 + i, tap = first / s.C, c = first % s.C;
    Pixel p = pixel_of(k0, s.rows_high, s.rows_wide);
    for (int64_t t = 0; t < tiles; ++t) {
      const int64_t steps = kc - t * kDeep < kDeep ? kc - t * kDeep : kDeep;
      vec lines[kDeep];
      if (c + rows <= s.C) {  // one tap
        const int64_t ty = tap / s.kw, tx = tap % s.kw;
        for (int64_t j = 0; j < steps; ++j, next_pixel(&p, s.rows_high, s.rows_wide)) {
          const float* from = tap_of(s, p, ty, tx);
          lines[j] = from ? load_n(from + c, rows) : zero();
        }
      } else {
        for (int64_t j = 0; j < steps; ++j, next_pixel(&p, s.rows_high, s.rows_wide)) {
          alignas(64) float line[kTile];
          store(line, zero());
          for (int64_t r = 0; r < rows; ++r) {
            const int64_t at = first + r;
            const float* from = tap_of(s, p, at / s.C / s.kw, at / s.C % s.kw);
            line[r] = from ? from[at % s.C] : 0.0f;
          }
          lines[j] = load(line);
        }
      }
      for (int64_t j = steps; j < kDeep; ++j) lines[j] = zero();
      transpose_pairs([&](int64_t k) __attribute__((always_inline)) { return lines[k]; }, dst + t * kTileValues);
    }
  }
}

// The weights of dx: k = (ky,kx,f), columns c.
struct TurnedWeights {
  const float* w;
  int64_t F, Cg, Fg;
};
void pack_turned_weights(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, bf16* dst) {
  const TurnedWeights& s = *static_cast<const TurnedWeights*>(context);
  const int64_t end = deep(kc);
  if (s.Fg % kDeep == 0) {
    for (int64_t k = 0; k < kc;) {
      const int64_t tap = (k0 + k) / s.Fg, f = (k0 + k) % s.Fg, run = s.Fg - f < kc - k ? s.Fg - f : kc - k;
      const MixedMatrix weights{s.w + tap * s.Cg * s.F, s.F};
      mixed_panel_transposed(&weights, f, run, n0, n, dst + k * kTile);
      k += run;
    }
    return;
  }
  alignas(64) float columns[2][kTile];
  for (int64_t k = 0; k < end; k += 2, dst += 2 * kTile) {
    for (int64_t h = 0; h < 2; ++h) {
      store(columns[h], zero());
      if (k + h >= kc) continue;
      const float* from = s.w + (k0 + k + h) / s.Fg * s.Cg * s.F + (k0 + k + h) % s.Fg + n0 * s.F;
      for (int64_t j = 0; j < n; ++j) columns[h][j] = from[j * s.F];
    }
    store_pairs(dst, pair_rows(load(columns[0]), load(columns[1])));
  }
}

Patches input_patches(const ConvShape& s, const float* x) {
  return {x, s.H, s.W, s.C, s.C / s.groups, s.OH, s.OW, s.kh, s.kw, s.sh, s.dh, s.pt, 1, s.sw, s.dw, s.pl, 1};
}

}  // namespace

void bf16_conv_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(bf16_conv_fwd);
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups;
  for (int64_t g = 0; g < s.groups; ++g) {
    const Patches patches = input_patches(s, x + g * Cg);
    const MixedMatrix weights{w + g * Fg, s.F};
    MixedProduct p{};
    p.M = s.N * s.OH * s.OW;
    p.N = Fg;
    p.K = s.kh * s.kw * Cg;
    p.pack_a = pack_patches;
    p.a = &patches;
    p.pack_b = mixed_panel;
    p.b = &weights;
    p.c = y + g * Fg;
    p.ldc = s.F;
    p.bias = b ? b + g * Fg : nullptr;
    p.act = act;
    mixed_product(p);
  }
}

// dx[iy] takes dz[(iy + pt − ky·dh) / sh] where that divides evenly.
void bf16_conv_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(bf16_conv_bwd_data);
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups;
  for (int64_t g = 0; g < s.groups; ++g) {
    const Patches patches{dz + g * Fg, s.OH, s.OW, s.F, Fg, s.H, s.W, s.kh, s.kw, 1, -s.dh, -s.pt, s.sh, 1, -s.dw, -s.pl, s.sw};
    const TurnedWeights weights{w + g * Fg, s.F, Cg, Fg};
    MixedProduct p{};
    p.M = s.N * s.H * s.W;
    p.N = Cg;
    p.K = s.kh * s.kw * Fg;
    p.pack_a = pack_patches;
    p.a = &patches;
    p.pack_b = pack_turned_weights;
    p.b = &weights;
    p.c = dx + g * Cg;
    p.ldc = s.C;
    mixed_product(p);
  }
}

void bf16_conv_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(bf16_conv_bwd_weights);
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups;
  for (int64_t g = 0; g < s.groups; ++g) {
    const Patches patches = input_patches(s, x + g * Cg);
    const MixedMatrix gradients{dz + g * Fg, s.F};
    MixedProduct p{};
    p.M = s.kh * s.kw * Cg;
    p.N = Fg;
    p.K = s.N * s.OH * s.OW;
    p.pack_a = pack_turned_patches;
    p.a = &patches;
    p.pack_b = mixed_panel;
    p.b = &gradients;
    p.c = dw + g * Fg;
    p.ldc = s.F;
    mixed_product(p);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

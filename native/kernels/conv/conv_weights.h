// dw of one group of filters: rows (ky,kx,c), columns f, sums over the output pixels.
//
// Per chunk of pixels the source lines it touches are copied once, padded with zeros, keeping NHWC: there the rows of dw
// that one output pixel meets are neighbours, kw·C of them where taps touch (dilation 1), else Cg. A chunk of dz is packed
// into panels of kNR columns (L1) and swept by all tiles of rows.
#pragma once
#include "kernels/conv/conv_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

struct WeightPlan {
  int64_t Cg, Fg, K, M;
  int64_t runs, run;       // runs of `run` neighbouring rows each
  int64_t run_tiles;       // tiles of a run
  int64_t max_columns;     // output columns of a piece
  int64_t pitch;           // source columns of a line in the copy
  int64_t copy_floats;
};

static inline WeightPlan plan_weights(const ConvShape& s) {
  WeightPlan p{};
  p.Cg = s.C / s.groups;
  p.Fg = s.F / s.groups;
  p.K = s.N * s.OH * s.OW;
  p.M = s.kh * s.kw * p.Cg;
  const bool touching = s.dw == 1 && s.groups == 1;
  p.run = touching ? s.kw * p.Cg : p.Cg;
  p.runs = p.M / p.run;
  p.run_tiles = (p.run + kMR - 1) / kMR;
  p.max_columns = s.OW < kMaxChunk ? s.OW : kMaxChunk;
  p.pitch = (p.max_columns - 1) * s.sw + (s.kw - 1) * s.dw + 1;
  // A chunk touches at most this many output lines, in at most as many images.
  const int64_t lines = kMaxChunk / p.max_columns + 2, images = kMaxChunk / (p.max_columns * s.OH) + 2;
  const int64_t pieces = s.OW < kMaxChunk ? (images < lines ? images : lines) : lines;
  p.copy_floats = (lines * s.sh + pieces * ((s.kh - 1) * s.dh + 1)) * p.pitch * p.Cg + 64;
  return p;
}

// Copies what output pixels [k0, k0+kc) need and writes the place of each pixel's first tap.
static void lay_pixels(const ConvShape& s, const WeightPlan& p, const float* x, int64_t g, int64_t k0, int64_t kc, float* copy, int64_t* place) {
  const int64_t line_floats = p.pitch * p.Cg;
  int64_t next_line = 0;
  for (int64_t k = k0; k < k0 + kc;) {
    // A piece: whole lines of one image, or a part of one line where lines are long.
    const int64_t ox = k % s.OW, oy = k / s.OW % s.OH, n = k / s.OW / s.OH;
    int64_t count, x0 = 0, columns = s.OW, lines;
    if (s.OW >= kMaxChunk) {
      count = s.OW - ox < k0 + kc - k ? s.OW - ox : k0 + kc - k;
      x0 = ox;
      columns = count;
      lines = 1;
    } else {
      const int64_t image_left = (s.OH - oy) * s.OW - ox;
      count = image_left < k0 + kc - k ? image_left : k0 + kc - k;
      lines = (ox + count + s.OW - 1) / s.OW;
    }
    const int64_t first = x0 * s.sw - s.pl, span = (columns - 1) * s.sw + (s.kw - 1) * s.dw + 1;
    int64_t lo = first >= 0 ? 0 : -first, hi = s.W - first;
    if (lo > span) lo = span;
    if (hi > span) hi = span;
    if (hi < lo) hi = lo;
    const int64_t source_lines = (lines - 1) * s.sh + (s.kh - 1) * s.dh + 1;
    for (int64_t l = 0; l < source_lines; ++l) {
      float* to = copy + (next_line + l) * line_floats;
      const int64_t iy = oy * s.sh - s.pt + l;
      const bool inside = iy >= 0 && iy < s.H && hi > lo;
      const int64_t from_column = inside ? lo : span, to_column = inside ? hi : span;
      for (int64_t i = 0; i < from_column * p.Cg; ++i) to[i] = 0;
      if (inside) {
        const float* from = x + ((n * s.H + iy) * s.W + first + lo) * s.C + g * p.Cg;
        if (s.groups == 1) {
          const int64_t floats = (hi - lo) * s.C;
          for (int64_t i = 0; i < floats; i += kLanes) store_n(to + lo * s.C + i, load_n(from + i, floats - i), floats - i);
        } else {
          for (int64_t u = lo; u < hi; ++u)
            for (int64_t c = 0; c < p.Cg; ++c) to[u * p.Cg + c] = from[(u - lo) * s.C + c];
        }
      }
      for (int64_t i = to_column * p.Cg; i < span * p.Cg; ++i) to[i] = 0;
    }
    for (int64_t i = 0; i < count; ++i) {
      const int64_t y = (ox + i - x0) / columns, u = (ox + i - x0) % columns;
      place[k - k0 + i] = (next_line + y * s.sh) * line_floats + u * s.sw * p.Cg;
    }
    next_line += source_lines;
    k += count;
  }
}

// Rows of tile t: first row of dw, number of rows, and where they lie from a pixel's first tap.
static inline void weight_tile(const ConvShape& s, const WeightPlan& p, int64_t t, int64_t* row, int* rows, int64_t* offset) {
  const int64_t run = t / p.run_tiles, part = t % p.run_tiles;
  const int64_t begin = p.run * part / p.run_tiles;
  *rows = (int)(p.run * (part + 1) / p.run_tiles - begin);
  *row = run * p.run + begin;
  const int64_t ky = *row / (s.kw * p.Cg), rest = *row % (s.kw * p.Cg);
  *offset = (ky * s.dh * p.pitch + rest / p.Cg * s.dw) * p.Cg + rest % p.Cg;
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// dw of one group of filters: rows (ky,kx,c), columns f, sums over the output pixels.
//
// Per chunk of pixels the source lines it touches are copied once, padded with zeros, keeping NHWC: there the rows of dw
// that one output pixel meets are neighbours, kw·C of them where taps touch (dilation 1), else Cg. A chunk of dz is packed
// into panels of kNR columns (L1) and swept by all tiles of rows. Where few channels make few rows, one tile takes them all and
// reads dz where it lies (conv_weights_tile.h).
#pragma once
#include "kernels/conv/conv_weights_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

struct WeightPlan {
  int64_t Cg, Fg, K, M;
  int64_t runs, run;       // runs of `run` neighbouring rows each
  int64_t run_tiles;       // tiles of a run
  int64_t max_columns;     // output columns of a piece
  int64_t pitch;           // source columns of a line in the copy
  int64_t max_pieces;        // that a chunk is laid out in
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
  p.max_pieces = pieces;
  p.copy_floats = (lines * s.sh + pieces * ((s.kh - 1) * s.dh + 1)) * p.pitch * p.Cg + 64;
  return p;
}

// A chunk of pixels laid out, in the memory of one thread: the copied source lines, the place of each pixel's first tap,
// and for each ky the spans of pixels for which that tap's line is in the image (the others are left out).
struct Laid {
  float* copy;
  int64_t* place;
  int64_t* count;
  Span* spans;
  PixelRange* ranges;
};
static inline int64_t laid_floats(const ConvShape& s, const WeightPlan& p) {
  return p.copy_floats + 2 * kMaxChunk + 2 * s.kh + 4 * s.kh * p.max_pieces + 6 * (2 * s.kh * p.max_pieces + 1) + 64;
}
static inline Laid laid_in(float* memory, const ConvShape& s, const WeightPlan& p) {
  Laid l;
  l.place = reinterpret_cast<int64_t*>(memory);
  l.count = l.place + kMaxChunk;
  l.spans = reinterpret_cast<Span*>(l.count + s.kh);
  l.ranges = reinterpret_cast<PixelRange*>(l.spans + s.kh * p.max_pieces);
  l.copy = reinterpret_cast<float*>(l.ranges + 2 * s.kh * p.max_pieces + 1);
  return l;
}

// Lays out output pixels [k0, k0+kc).
static void lay_pixels(const ConvShape& s, const WeightPlan& p, const float* x, int64_t g, int64_t k0, int64_t kc, const Laid* laid) {
  float* copy = laid->copy;
  int64_t* place = laid->place;
  for (int64_t ky = 0; ky < s.kh; ++ky) laid->count[ky] = 0;
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
      clear(to, from_column * p.Cg);
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
      clear(to + to_column * p.Cg, (span - to_column) * p.Cg);
    }
    int64_t* at = place + (k - k0);
    const int64_t step = s.sw * p.Cg;
    for (int64_t i = 0, y = 0, u = ox - x0; i < count; ++y, u = 0)
      for (int64_t spot = (next_line + y * s.sh) * line_floats + u * step; u < columns && i < count; ++i, ++u, spot += step) at[i] = spot;
    // For tap ky the pixels whose source line is in the image: of all lines oy … the contiguous ones from lo to hi.
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      const int64_t top = s.pt - ky * s.dh, begin = top > 0 ? (top + s.sh - 1) / s.sh : 0;  // first oy with oy·sh >= top
      const int64_t stop = s.H + top > 0 ? (s.H + top + s.sh - 1) / s.sh : 0;             // first oy with oy·sh >= H + top
      int64_t lo = (begin - oy) * columns - (ox - x0), hi = (stop - oy) * columns - (ox - x0);
      if (lo < 0) lo = 0;
      if (hi > count) hi = count;
      if (lo >= hi) continue;
      Span* spans = laid->spans + ky * p.max_pieces;
      int64_t& n_spans = laid->count[ky];
      const Span next{k - k0 + lo, k - k0 + hi};
      if (n_spans > 0 && spans[n_spans - 1].end == next.begin) spans[n_spans - 1].end = next.end;
      else spans[n_spans++] = next;
    }
    next_line += source_lines;
    k += count;
  }
}

// The chunk of kc pixels cut where a tap line enters or leaves the image; at most 2·kh·max_pieces + 1 ranges.
static int64_t cut_ranges(const ConvShape& s, const WeightPlan& p, const Laid& laid, int64_t kc, PixelRange* ranges) {
  int64_t count = 0;
  for (int64_t k = 0, end; k < kc; k = end) {
    end = kc;
    uint32_t lines = 0;
    for (int64_t ky = 0; ky < s.kh; ++ky)
      for (int64_t i = 0; i < laid.count[ky]; ++i) {
        const Span span = laid.spans[ky * p.max_pieces + i];
        if (span.end <= k) continue;
        if (span.begin <= k) lines |= 1u << ky;
        const int64_t edge = span.begin <= k ? span.end : span.begin;
        if (edge < end) end = edge;
        break;
      }
    ranges[count++] = {k, end, lines};
  }
  return count;
}

// Rows of tile t: first row of dw, number of rows, where they lie from a pixel's first tap, and their ky.
static inline void weight_tile(const ConvShape& s, const WeightPlan& p, int64_t t, int64_t* row, int* rows, int64_t* offset, int64_t* tap_line) {
  const int64_t run = t / p.run_tiles, part = t % p.run_tiles;
  const int64_t begin = p.run * part / p.run_tiles;
  *rows = (int)(p.run * (part + 1) / p.run_tiles - begin);
  *row = run * p.run + begin;
  const int64_t ky = *row / (s.kw * p.Cg), rest = *row % (s.kw * p.Cg);
  *tap_line = ky;
  *offset = (ky * s.dh * p.pitch + rest / p.Cg * s.dw) * p.Cg + rest % p.Cg;
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

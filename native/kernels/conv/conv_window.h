// y = act(Σ window · weights + b), serving the forward pass (source x) and the gradient for the input (source dz).
//
// The weights are packed once into panels of kNR columns. A task is a block of output pixels (images, lines, columns)
// whose source fits L2: it is copied once, padded with zeros, so that for every channel (and residue of the column modulo the
// stride) the pixels that a tile meets are neighbours, for every tap. Then panel by panel and chunk by chunk of k the tiles of the
// block are swept. Nothing is unrolled per tap: im2col is only a table of places.
// The copy is made of groups, one per tile: its pixels and those its taps reach beside them, channel after channel. So a step of k
// takes a few bytes beside those of the step before, and a chunk of them stays in L1 with its part of B. Where taps reach far, or
// pixels take the lanes, it is made of planes: whole lines, channel by channel.
// Of few channels the lines are copied as they are, and a line of the output is finished before the next (conv_line_tile.h).
#pragma once
#include <cstring>

#include "kernels/conv/conv_line_tile.h"
#include "kernels/conv/conv_tile.h"
#include "kernels/conv/pool_pairs_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Where the max over 2×2 windows goes when it follows at once (pool_pairs.h).
struct PooledLines {
  const ConvShape* shape;
  float* y;
  uint8_t* taps;
};

struct Window {
  int64_t N, OH, OW;  // output grid
  const float* source;
  int64_t H, W, ld, C;            // source image: ld floats from pixel to pixel, of which C are read
  int64_t sy, sx;                 // source line of output line y and tap j: y·sy + ty + j·dy; columns likewise
  int64_t ty, tx, dy, dx, ny, nx;
  float* out;  // where pooled, two lines for each thread
  int64_t out_image, out_line, out_pixel;  // strides in floats
  int64_t F;
  TileEnd end;
  PooledLines pooled;  // y null: the output is kept
  int64_t K() const { return ny * nx * C; }
};

// The cut of the output into tasks, and the layout of a task's planes.
struct WindowPlan {
  int64_t images, lines, columns;   // of a task
  int64_t reach;                    // pixels beside a tile's that its taps meet
  int64_t group;                    // pixels of a group; 0: planes
  int64_t width, source_lines;      // of a plane; lines of a task's image
  int64_t line_floats, task_floats;
  int64_t tasks_n, tasks_y, tasks_x;
};

// Whether all weights stay in L1, so that a line can be finished before the next.
static inline bool weights_stay(const Window& q) { return q.K() <= kMaxChunk && q.K() * q.F <= 8192; }

// Whether pixels are read from copies of their lines as they are (conv_line_tile.h), not from planes: few channels, whose taps touch.
constexpr int64_t kLineChannels = 8;
static inline bool reads_lines(const Window& q) {
  return q.C <= kLineChannels && q.ld == q.C && q.dx == 1 && q.F > kMaxNarrow && weights_stay(q);
}

// Outputs of a text that may see the same values, as over padding: see find_alike.
static inline bool may_be_alike(const Window& q) { return q.H == 1 && q.OH == 1 && q.ny == 1 && q.sx == 1 && !q.pooled.y && !reads_lines(q); }

// Residues of a column modulo the stride, and of a line, that taps meet: those below.
static inline int64_t met_columns(const Window& q) { return q.dx == 1 && q.nx < q.sx ? q.nx : q.sx; }
static inline int64_t met_lines(const Window& q) { return q.dy == 1 && q.ny < q.sy ? q.ny : q.sy; }

static inline int64_t tiles_of(int64_t columns) { return (columns + kMR - 1) / kMR; }

static inline void lay_out(const Window& q, WindowPlan* p) {
  p->reach = (q.nx - 1) * q.dx / q.sx;
  p->group = q.F > kMaxNarrow && !reads_lines(q) && p->reach <= kMR && kMR + p->reach <= 16 ? kMR + p->reach : 0;
  p->width = p->columns + p->reach;
  p->source_lines = (p->lines - 1) * q.sy + (q.ny - 1) * q.dy + 1;
  // A line in two pieces, around outputs that are alike, may have one group more.
  p->line_floats = q.C * (p->group ? met_columns(q) * (tiles_of(p->columns) + (may_be_alike(q) ? 1 : 0)) * p->group : q.sx * p->width);
  p->task_floats = p->images * p->source_lines * p->line_floats;
  p->tasks_n = (q.N + p->images - 1) / p->images;
  p->tasks_y = (q.OH + p->lines - 1) / p->lines;
  p->tasks_x = (q.OW + p->columns - 1) / p->columns;
}

static inline WindowPlan plan_window(const Window& q, int64_t threads) {
  constexpr int64_t kBudget = 96 * 1024;  // floats: with a chunk of B well inside 1 MiB of L2
  WindowPlan p{};
  p.images = 1;
  p.lines = q.OH;
  p.columns = q.OW;
  lay_out(q, &p);
  while (p.task_floats > kBudget && p.lines > 1) {
    p.lines = (p.lines + 1) / 2;
    lay_out(q, &p);
  }
  while (p.task_floats > kBudget && p.columns > 8 * kMR) {
    p.columns = (p.columns / 2 + kMR) / kMR * kMR;
    lay_out(q, &p);
  }
  if (p.lines == q.OH && p.columns == q.OW && p.task_floats < kBudget) {
    p.images = kBudget / p.task_floats;
    if (p.images > q.N) p.images = q.N;
    lay_out(q, &p);
  }
  while (threads > 1 && p.tasks_n * p.tasks_y * p.tasks_x < 4 * threads) {
    if (p.images > 1) p.images = (p.images + 1) / 2;
    else if (p.lines > 1) p.lines = (p.lines + 1) / 2;
    else if (p.columns > 4 * kMR) p.columns = (p.columns / 2 + kMR) / kMR * kMR;
    else break;
    lay_out(q, &p);
  }
  if (q.pooled.y && p.lines % 2 == 1 && p.lines < q.OH) {
    ++p.lines;
    lay_out(q, &p);
  }
  return p;
}

template <int C>
static void split_channels(const float* src, int64_t count, float* dst, int64_t plane) {
  for (int64_t i = 0; i < count; ++i)
    for (int c = 0; c < C; ++c) dst[c * plane + i] = src[i * C + c];
}

// One source line into planes: dst[c·sx·width + r·width + i] = source column first + i·sx + r, or 0 outside the image.
// `strip` is room for 64×16 floats and 16 of slack.
static void lay_line(const Window& q, const float* line, int64_t first, int64_t width, float* dst, float* strip) {
  const int64_t plane = q.sx * width;
  for (int64_t r = 0; r < q.sx; ++r) {
    // Columns i in [lo, hi) lie in the image.
    const int64_t at = first + r;
    int64_t lo = at >= 0 ? 0 : (-at + q.sx - 1) / q.sx, hi = at >= q.W ? 0 : (q.W - at + q.sx - 1) / q.sx;
    if (hi > width) hi = width;
    if (lo > hi) lo = hi;
    float* to = dst + r * width;
    for (int64_t c = 0; c < q.C; ++c) {
      float* row = to + c * plane;
      clear(row, lo);
      clear(row + hi, width - hi);
    }
    if (lo == hi) continue;
    const float* from = line + (at + lo * q.sx) * q.ld;
    if (q.C <= 4 && q.ld == q.C && q.sx == 1) {
      switch (q.C) {
        case 1: split_channels<1>(from, hi - lo, to + lo, plane); break;
        case 2: split_channels<2>(from, hi - lo, to + lo, plane); break;
        case 3: split_channels<3>(from, hi - lo, to + lo, plane); break;
        default: split_channels<4>(from, hi - lo, to + lo, plane);
      }
      continue;
    }
    for (int64_t i = lo; i < hi; i += 16, from += 16 * q.sx * q.ld) {
      const int rows = (int)(hi - i < 16 ? hi - i : 16);
      for (int64_t c = 0; c < q.C; c += 64) {
        const int64_t cols = q.C - c < 64 ? q.C - c : 64;
        if (rows == 16) {
          transpose_strip(from + c, q.sx * q.ld, 16, cols, to + c * plane + i, plane);
          continue;
        }
        transpose_strip(from + c, q.sx * q.ld, rows, cols, strip, 16);
        for (int64_t j = 0; j < cols; ++j) {
          float* row = to + (c + j) * plane + i;
#if defined(SARAF_ISA_REF) || defined(SARAF_ISA_SSE2) || defined(SARAF_ISA_NEON)
          for (int e = 0; e < rows; ++e) row[e] = strip[16 * j + e];
#else
          store_n(row, load(strip + 16 * j), rows);
#endif
        }
      }
    }
  }
}

// One source line as it is, from column `first` on, zeros outside the image.
static void copy_line(const Window& q, const float* line, int64_t first, int64_t columns, float* dst) {
  int64_t lo = first >= 0 ? 0 : -first, hi = q.W - first;
  if (hi > columns) hi = columns;
  if (lo > hi) lo = hi;
  clear(dst, lo * q.C);
  const float* from = line + (first + lo) * q.C;
  for (int64_t i = 0, floats = (hi - lo) * q.C; i < floats; i += kLanes) store_n(dst + lo * q.C + i, load_n(from + i, floats - i), floats - i);
  clear(dst + hi * q.C, (columns - hi) * q.C);
}

// One source line in groups, a group for each tile of `columns` outputs: dst[((i·met + r)·C + c)·group + j] = source column
// first + (start of tile i + j)·sx + r, or 0 outside the image. `aside` is room for a group's pixels.
static void lay_groups(const Window& q, const WindowPlan& p, const float* line, int64_t first, int64_t columns, float* dst, float* aside) {
  const int64_t tiles = tiles_of(columns), step = q.sx * q.ld;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t start = columns * i / tiles;
    const int rows = (int)(columns * (i + 1) / tiles - start + p.reach);
    for (int64_t r = 0; r < met_columns(q); ++r, dst += q.C * p.group) {
      const int64_t x = first + start * q.sx + r;
      if (x >= 0 && x + (rows - 1) * q.sx < q.W) {
        transpose_strip(line + x * q.ld, step, rows, q.C, dst, p.group);
        continue;
      }
      for (int64_t j = 0; j < rows; ++j) {
        const int64_t at = x + j * q.sx;
        float* to = aside + j * q.C;
        if (at < 0 || at >= q.W) clear(to, q.C);
        else
          for (int64_t c = 0; c < q.C; c += kLanes) store_n(to + c, load_n(line + at * q.ld + c, q.C - c), q.C - c);
      }
      transpose_strip(aside, q.C, rows, q.C, dst, p.group);
    }
  }
}

// Columns [x, x + columns) of a task's, of image n: `source` is its first source line.
struct Piece {
  int64_t n, x, columns;
  const float* source;
};

// What a task works on: lines [y0,y1) and columns from x0 of these pieces.
struct TaskBlock {
  int64_t y0, y1, x0;
  const Piece *pieces, *end;
  float* lines;  // the thread's two lines of output, where pooled
};

// The k of output line y: taps whose source line is in the image. The others are left out of the chains.
static inline Span line_span(const Window& q, int64_t y) {
  const int64_t first = y * q.sy + q.ty, per_tap = q.nx * q.C;
  int64_t lo = first >= 0 ? 0 : (-first + q.dy - 1) / q.dy, hi = first >= q.H ? 0 : (q.H - first + q.dy - 1) / q.dy;
  if (hi > q.ny) hi = q.ny;
  if (lo > hi) lo = hi;
  return {lo * per_tap, hi * per_tap};
}

// The part of `span` in the chunk [k, k+kc), counted from k.
static inline Span clip(Span span, int64_t k, int64_t kc) {
  const int64_t lo = span.begin > k ? span.begin - k : 0, hi = span.end - k < kc ? span.end - k : kc;
  return {lo < kc ? lo : kc, hi > lo ? hi : (lo < kc ? lo : kc)};
}

// make(out, piece, y) makes a line at `out`. Where pooled, two at a time, and they are pooled at once.
template <class Make>
static void sweep_lines(const Window& q, const TaskBlock& t, Make make) {
  const int64_t PH = q.OH / 2, pooled_line = q.OW / 2 * q.F;
  for (const Piece* piece = t.pieces; piece < t.end; ++piece) {
    if (!q.pooled.y)
      for (int64_t y = t.y0; y < t.y1; ++y) make(q.out + piece->n * q.out_image + y * q.out_line + (t.x0 + piece->x) * q.out_pixel, *piece, y);
    else
      for (int64_t y = t.y0; y + 1 < t.y1; y += 2) {
        for (int64_t half = 0; half < 2; ++half) make(t.lines + half * q.out_line, *piece, y + half);
        const int64_t at = (piece->n * PH + y / 2) * pooled_line;
        pool_line(*q.pooled.shape, t.lines, q.pooled.y + at, q.pooled.taps + at);
      }
  }
}

constexpr int64_t kMaxNarrowChunks = 64;

static void sweep(const Window& q, const WindowPlan& p, const TaskBlock& t, const int64_t* place, const float* panels) {
  const int64_t K = q.K();
  if (reads_lines(q)) {
    const int64_t run = q.nx * q.C, next_line = q.dy * p.line_floats, pixel = q.sx * q.C;
    // All tiles and columns of a line: all of a pixel's outputs before the next pixels', so that C is written as it lies.
    auto line = [&](float* out, const Piece& piece, int64_t y) {
      const Span span = line_span(q, y);
      const int64_t tap_lines = (span.end - span.begin) / run, tiles = tiles_of(piece.columns), least = piece.columns / tiles, longer = piece.columns % tiles;
      const float* a = piece.source + (y - t.y0) * q.sy * p.line_floats + span.begin / run * next_line;
      for (int64_t i = 0, at = 0, rows; i < tiles; ++i, at += rows) {
        rows = least + (i < longer ? 1 : 0);
        for (int64_t f = 0; f < q.F; f += kNR) {
          const int w = (int)(q.F - f < kNR ? q.F - f : kNR);
          const TileEnd end{q.end.bias ? q.end.bias + f : nullptr, q.end.act};
          float* c = out + at * q.out_pixel + f;
          choose_line_tile((int)rows, w)({a + at * pixel, pixel, next_line, tap_lines, run}, panels + f * K + span.begin * kNR, c, q.out_pixel, w,
                                         end, c + rows * q.out_pixel);
        }
      }
    };
    sweep_lines(q, t, line);
    return;
  }
  // All tiles of a line, for one panel of columns and one chunk.
  const int64_t group_floats = met_columns(q) * q.C * p.group;
  auto line_to = [&](float* out, const Piece& piece, int64_t y, int64_t f, int64_t k, int64_t kc) {
    const int w = (int)(q.F - f < kNR ? q.F - f : kNR);
    const TileEnd end{q.end.bias ? q.end.bias + f : nullptr, q.end.act};
    const Span span = clip(line_span(q, y), k, kc);
    const float* a = piece.source + (y - t.y0) * q.sy * p.line_floats;
    float* c = out + f;
    const int64_t tiles = tiles_of(piece.columns);
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t at = piece.columns * i / tiles, rows = piece.columns * (i + 1) / tiles - at;
      choose_tile((int)rows, w)(&span, 1, a + (p.group ? i * group_floats : at), place + k, panels + f * K + k * kNR, kNR, c + at * q.out_pixel, q.out_pixel,
                                w, k > 0, k + kc == K ? &end : nullptr);
    }
  };
  if (weights_stay(q)) {  // all of B stays in L1: finish a line before the next
    sweep_lines(q, t, [&](float* out, const Piece& piece, int64_t y) {
      for (int64_t f = 0; f < q.F; f += kNR) line_to(out, piece, y, f, 0, K);
    });
    return;
  }
  for (int64_t f = 0; f < q.F; f += kNR)
    for (int64_t k = 0, kc; k < K; k += kc) {
      kc = next_chunk(K - k);
      for (const Piece* piece = t.pieces; piece < t.end; ++piece)
        for (int64_t y = t.y0; y < t.y1; ++y)
          line_to(q.out + piece->n * q.out_image + y * q.out_line + (t.x0 + piece->x) * q.out_pixel, *piece, y, f, k, kc);
    }
}

// At most kMaxNarrow filters: pixels take the lanes. `sums` has room for two tiles. Reads up to kNR floats past a line's planes.
static void sweep_narrow(const Window& q, const WindowPlan& p, const TaskBlock& t, const Piece& piece, const int64_t* place, const float* panels,
                         float* sums) {
  const int64_t K = q.K(), next_line = q.sy * p.line_floats;
  Span spans[kMaxNarrowChunks];
  for (int64_t y = t.y0, lines; y < t.y1; y += lines) {
    const Span span = line_span(q, y), next = line_span(q, y + 1);
    lines = y + 1 < t.y1 && span.begin == next.begin && span.end == next.end ? 2 : 1;
    int64_t chunks = 0;
    for (int64_t k = 0, kc; k < K; k += kc) {
      kc = next_chunk(K - k);
      const Span part = clip(span, k, kc);
      spans[chunks++] = {k + part.begin, k + part.end};
    }
    for (int64_t x = 0; x < piece.columns; x += kNR) {
      const float* source = piece.source + (y - t.y0) * next_line + x;
      kNarrowTiles[lines - 1][q.F - 1](spans, chunks, source, next_line, place, panels, sums);
      const int64_t count = piece.columns - x < kNR ? piece.columns - x : kNR;
      for (int64_t l = 0; l < lines; ++l) {
        float* c = q.out + piece.n * q.out_image + (y + l) * q.out_line + (t.x0 + piece.x + x) * q.out_pixel;
        for (int64_t f = 0; f < q.F; ++f) {
          float* sum = sums + (l * q.F + f) * kNR;
          if (q.end.bias || q.end.act != kLinear)
            for (int64_t i = 0; i < count; i += kLanes) {
              vec v = load(sum + i);
              if (q.end.bias) v = add(v, set1(q.end.bias[f]));
              store(sum + i, activate(v, q.end.act));
            }
          for (int64_t i = 0; i < count; ++i) c[i * q.out_pixel + f] = sum[i];
        }
      }
    }
  }
}

// Outputs [first, last) of a task's one line whose windows see the same values, as over the padding of a text: one is made, and copied.
struct Alike {
  int64_t first, last;
};
constexpr int64_t kWorthCopying = 16;
static Alike find_alike(const Window& q, int64_t n, int64_t x0, int64_t columns) {
  const float* image = q.source + n * q.W * q.ld;
  int64_t begin = q.W - 1;  // of the run of equal source columns that ends the line
  while (begin > 0 && std::memcmp(image + (begin - 1) * q.ld, image + begin * q.ld, (size_t)q.C * sizeof(float)) == 0) --begin;
  const int64_t reach = (q.nx - 1) * q.dx;
  Alike alike{begin - q.tx - x0, q.W - reach - q.tx - x0};
  if (alike.first < 0) alike.first = 0;
  if (alike.last > columns) alike.last = columns;
  return alike;
}

// What a thread needs of scratch, in floats: pieces, outputs that are alike, room aside, and the copy of the source with its slack.
struct WindowRoom {
  int64_t pieces, alike, aside, source;
};
static inline WindowRoom window_room(const Window& q, const WindowPlan& p) {
  constexpr auto lines = [](int64_t floats) { return (floats + 15) / 16 * 16; };
  const int64_t strip = 64 * 16 + 64, aside = p.group ? p.group * q.C : 0;
  return {lines(2 * p.images * (int64_t)(sizeof(Piece) / sizeof(float))), lines(p.images * (int64_t)(sizeof(Alike) / sizeof(float))),
          lines(aside > strip ? aside : strip), lines(p.task_floats + 64)};
}
static inline int64_t owned_floats(const WindowRoom& r) { return r.pieces + r.alike + r.aside + r.source; }

// Scratch of a window, in floats. place: K values of 8 bytes.
static inline int64_t window_floats(const Window& q, const WindowPlan& p, int64_t threads) {
  return (2 * q.K() + 15) / 16 * 16 + threads * owned_floats(window_room(q, p));
}

// panels: K·kNR floats per panel of kNR columns. scratch: window_floats(…).
static void run_window(const Window& q, const WindowPlan& p, const float* panels, float* scratch, int64_t threads) {
  const int64_t K = q.K();
  int64_t* place = reinterpret_cast<int64_t*>(scratch);
  const WindowRoom room = window_room(q, p);
  const int64_t owned = owned_floats(room);
  for (int64_t j = 0, k = 0; j < q.ny; ++j)
    for (int64_t i = 0; i < q.nx; ++i)
      for (int64_t c = 0; c < q.C; ++c) {
        const int64_t residue = i * q.dx % q.sx, column = i * q.dx / q.sx;
        place[k++] = j * q.dy * p.line_floats + (p.group ? (residue * q.C + c) * p.group : (c * q.sx + residue) * p.width) + column;
      }
  const int64_t tasks = p.tasks_n * p.tasks_y * p.tasks_x;
  auto run = [&](int64_t t, int owner) {
    float* memory = scratch + (2 * K + 15) / 16 * 16 + owner * owned;
    Piece* const pieces = reinterpret_cast<Piece*>(memory);
    Alike* const alike = reinterpret_cast<Alike*>(memory + room.pieces);
    float *aside = memory + room.pieces + room.alike, *to = aside + room.aside;
    const int64_t n0 = t / p.tasks_x / p.tasks_y * p.images, y0 = t / p.tasks_x % p.tasks_y * p.lines, x0 = t % p.tasks_x * p.columns;
    const int64_t n1 = n0 + p.images < q.N ? n0 + p.images : q.N, y1 = y0 + p.lines < q.OH ? y0 + p.lines : q.OH;
    const int64_t columns = x0 + p.columns < q.OW ? p.columns : q.OW - x0, lines = (y1 - y0 - 1) * q.sy + (q.ny - 1) * q.dy + 1;
    Piece* end = pieces;
    for (int64_t n = n0; n < n1; ++n) {
      Alike& same = alike[n - n0];
      same = may_be_alike(q) ? find_alike(q, n, x0, columns) : Alike{0, 0};
      if (same.last - same.first < kWorthCopying) same = {0, 0};
      auto take = [&](int64_t x, int64_t count) {
        if (count == 0) return;
        *end++ = {n, x, count, to};
        for (int64_t l = 0; l < lines; ++l) {
          const int64_t sy = y0 * q.sy + q.ty + l, first = (x0 + x) * q.sx + q.tx;
          if (sy < 0 || sy >= q.H || l % q.sy >= met_lines(q)) continue;
          const float* line = q.source + (n * q.H + sy) * q.W * q.ld;
          float* dst = to + l * p.line_floats;
          if (p.group) lay_groups(q, p, line, first, count, dst, aside);
          else if (reads_lines(q)) copy_line(q, line, first, q.sx * p.width, dst);
          else lay_line(q, line, first, p.width, dst, aside);
        }
        to += p.group && may_be_alike(q) ? tiles_of(count) * q.C * p.group : p.source_lines * p.line_floats;
      };
      if (same.last == same.first) {
        take(0, columns);
      } else if (p.group) {
        take(0, same.first + 1);
        take(same.last, columns - same.last);
      } else {  // both pieces are of the same planes
        take(0, columns);
        const float* source = end[-1].source;
        end[-1].columns = same.first + 1;
        if (same.last < columns) *end++ = {n, same.last, columns - same.last, source + same.last};
      }
    }
    const TaskBlock block{y0, y1, x0, pieces, end, q.pooled.y ? q.out + owner * 2 * q.out_line : nullptr};
    if (q.F > kMaxNarrow) {
      sweep(q, p, block, place, panels);
    } else {
      for (const Piece* piece = pieces; piece < end; ++piece)
        if (piece->columns >= kLanes / 2 && K <= kMaxNarrowChunks * kChunk) sweep_narrow(q, p, block, *piece, place, panels, aside);
        else sweep(q, p, {y0, y1, x0, piece, piece + 1, block.lines}, place, panels);
    }
    for (int64_t n = n0; n < n1; ++n) {
      const Alike& same = alike[n - n0];
      float* out = q.out + n * q.out_image + (x0 + same.first) * q.out_pixel;
      for (int64_t j = 1; j < same.last - same.first; ++j)
        for (int64_t f = 0; f < q.F; f += kLanes) store_n(out + j * q.out_pixel + f, load_n(out + f, q.F - f), q.F - f);
    }
  };
  if (threads == 1)
    for (int64_t t = 0; t < tasks; ++t) run(t, 0);
  else
    parallel_each(tasks, [&](int64_t t, int owner) { run(t, owner); });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

// y = act(Σ window · weights + b), serving the forward pass (source x) and the gradient for the input (source dz).
//
// The weights are packed once into panels of kNR columns. A task is a block of output pixels (images, lines, columns)
// whose source fits L2: it is copied once, padded with zeros, into planes (one per channel, and per residue of the column
// modulo the stride), where the pixels of an output line are neighbours for every tap. Then panel by panel and chunk by
// chunk of k (B: 32 KiB in L1) the tiles of the block are swept. Nothing is unrolled per tap: im2col is only a table of places.
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

static inline void lay_out(const Window& q, WindowPlan* p) {
  p->width = p->columns + (q.nx - 1) * q.dx / q.sx;
  p->source_lines = (p->lines - 1) * q.sy + (q.ny - 1) * q.dy + 1;
  p->line_floats = q.C * q.sx * p->width;
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
#if defined(SARAF_ISA_REF) || defined(SARAF_ISA_SSE2)
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

// What a task works on: images [n0,n1), lines [y0,y1), columns from x0, their planes.
struct TaskBlock {
  int64_t n0, n1, y0, y1, x0, columns;
  const float* plane;
  int64_t image_floats;
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

// make(out, n, y) makes a line at `out`. Where pooled, two at a time, and they are pooled at once.
template <class Make>
static void sweep_lines(const Window& q, const TaskBlock& t, Make make) {
  const int64_t PH = q.OH / 2, pooled_line = q.OW / 2 * q.F;
  for (int64_t n = t.n0; n < t.n1; ++n) {
    if (!q.pooled.y)
      for (int64_t y = t.y0; y < t.y1; ++y) make(q.out + n * q.out_image + y * q.out_line + t.x0 * q.out_pixel, n, y);
    else
      for (int64_t y = t.y0; y + 1 < t.y1; y += 2) {
        for (int64_t half = 0; half < 2; ++half) make(t.lines + half * q.out_line, n, y + half);
        const int64_t at = (n * PH + y / 2) * pooled_line;
        pool_line(*q.pooled.shape, t.lines, q.pooled.y + at, q.pooled.taps + at);
      }
  }
}

constexpr int64_t kMaxNarrowChunks = 64;

static void sweep(const Window& q, const WindowPlan& p, const TaskBlock& t, const int64_t* place, const float* panels) {
  const int64_t K = q.K(), tiles = (t.columns + kMR - 1) / kMR;
  if (reads_lines(q)) {
    const int64_t run = q.nx * q.C, next_line = q.dy * p.line_floats, pixel = q.sx * q.C, least = t.columns / tiles, longer = t.columns % tiles;
    // All tiles and columns of a line: all of a pixel's outputs before the next pixels', so that C is written as it lies.
    auto line = [&](float* out, int64_t n, int64_t y) {
      const Span span = line_span(q, y);
      const int64_t tap_lines = (span.end - span.begin) / run;
      const float* a = t.plane + (n - t.n0) * t.image_floats + (y - t.y0) * q.sy * p.line_floats + span.begin / run * next_line;
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
  auto line_to = [&](float* out, int64_t n, int64_t y, int64_t f, int64_t k, int64_t kc) {
    const int w = (int)(q.F - f < kNR ? q.F - f : kNR);
    const TileEnd end{q.end.bias ? q.end.bias + f : nullptr, q.end.act};
    const Span span = clip(line_span(q, y), k, kc);
    const float* a = t.plane + (n - t.n0) * t.image_floats + (y - t.y0) * q.sy * p.line_floats;
    float* c = out + f;
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t at = t.columns * i / tiles, rows = t.columns * (i + 1) / tiles - at;
      choose_tile((int)rows, w)(&span, 1, a + at, place + k, panels + f * K + k * kNR, kNR, c + at * q.out_pixel, q.out_pixel, w, k > 0,
                                k + kc == K ? &end : nullptr);
    }
  };
  auto line = [&](int64_t n, int64_t y, int64_t f, int64_t k, int64_t kc) {
    line_to(q.out + n * q.out_image + y * q.out_line + t.x0 * q.out_pixel, n, y, f, k, kc);
  };
  if (weights_stay(q)) {  // all of B stays in L1: finish a line before the next
    sweep_lines(q, t, [&](float* out, int64_t n, int64_t y) {
      for (int64_t f = 0; f < q.F; f += kNR) line_to(out, n, y, f, 0, K);
    });
    return;
  }
  for (int64_t f = 0; f < q.F; f += kNR)
    for (int64_t k = 0, kc; k < K; k += kc) {
      kc = next_chunk(K - k);
      for (int64_t n = t.n0; n < t.n1; ++n)
        for (int64_t y = t.y0; y < t.y1; ++y) line(n, y, f, k, kc);
    }
}

// At most kMaxNarrow filters: pixels take the lanes. `sums` has room for two tiles. Reads up to kNR floats past a line's planes.
static void sweep_narrow(const Window& q, const WindowPlan& p, const TaskBlock& t, const int64_t* place, const float* panels, float* sums) {
  const int64_t K = q.K(), next_line = q.sy * p.line_floats;
  Span spans[kMaxNarrowChunks];
  for (int64_t n = t.n0; n < t.n1; ++n)
    for (int64_t y = t.y0, lines; y < t.y1; y += lines) {
      const Span span = line_span(q, y), next = line_span(q, y + 1);
      lines = y + 1 < t.y1 && span.begin == next.begin && span.end == next.end ? 2 : 1;
      int64_t chunks = 0;
      for (int64_t k = 0, kc; k < K; k += kc) {
        kc = next_chunk(K - k);
        const Span part = clip(span, k, kc);
        spans[chunks++] = {k + part.begin, k + part.end};
      }
      for (int64_t x = 0; x < t.columns; x += kNR) {
        const float* source = t.plane + (n - t.n0) * t.image_floats + (y - t.y0) * next_line + x;
        kNarrowTiles[lines - 1][q.F - 1](spans, chunks, source, next_line, place, panels, sums);
        const int64_t count = t.columns - x < kNR ? t.columns - x : kNR;
        for (int64_t l = 0; l < lines; ++l) {
          float* c = q.out + n * q.out_image + (y + l) * q.out_line + (t.x0 + x) * q.out_pixel;
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
static inline bool may_be_alike(const Window& q) { return q.H == 1 && q.OH == 1 && q.sx == 1 && !q.pooled.y && !reads_lines(q); }
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

// Scratch of a window, in floats. place: K values of 8 bytes.
static inline int64_t window_floats(const Window& q, const WindowPlan& p, int64_t threads) {
  return 2 * q.K() + threads * (p.task_floats + 64 * 16 + 128) + 64;
}

// panels: K·kNR floats per panel of kNR columns. scratch: window_floats(…).
static void run_window(const Window& q, const WindowPlan& p, const float* panels, float* scratch, int64_t threads) {
  const int64_t K = q.K();
  int64_t* place = reinterpret_cast<int64_t*>(scratch);
  float* planes = scratch + 2 * K;
  const int64_t owned = p.task_floats + 64 * 16 + 128;
  for (int64_t j = 0, k = 0; j < q.ny; ++j)
    for (int64_t i = 0; i < q.nx; ++i)
      for (int64_t c = 0; c < q.C; ++c)
        place[k++] = j * q.dy * p.line_floats + (c * q.sx + i * q.dx % q.sx) * p.width + i * q.dx / q.sx;
  const int64_t tasks = p.tasks_n * p.tasks_y * p.tasks_x;
  auto run = [&](int64_t t, int owner) {
    float* strip = planes + owner * owned;
    float* plane = strip + 64 * 16 + 64;
    const int64_t n0 = t / p.tasks_x / p.tasks_y * p.images, y0 = t / p.tasks_x % p.tasks_y * p.lines, x0 = t % p.tasks_x * p.columns;
    const int64_t n1 = n0 + p.images < q.N ? n0 + p.images : q.N, y1 = y0 + p.lines < q.OH ? y0 + p.lines : q.OH;
    const int64_t columns = x0 + p.columns < q.OW ? p.columns : q.OW - x0;
    const int64_t image_floats = p.source_lines * p.line_floats;
    for (int64_t n = n0; n < n1; ++n)
      for (int64_t l = 0; l < (y1 - y0 - 1) * q.sy + (q.ny - 1) * q.dy + 1; ++l) {
        const int64_t sy = y0 * q.sy + q.ty + l;
        if (sy < 0 || sy >= q.H) continue;
        const float* line = q.source + (n * q.H + sy) * q.W * q.ld;
        float* to = plane + (n - n0) * image_floats + l * p.line_floats;
        if (reads_lines(q)) copy_line(q, line, x0 * q.sx + q.tx, q.sx * p.width, to);
        else lay_line(q, line, x0 * q.sx + q.tx, p.width, to, strip);
      }
    auto make = [&](const TaskBlock& block) {
      if (q.F <= kMaxNarrow && block.columns >= kLanes / 2 && K <= kMaxNarrowChunks * kChunk) sweep_narrow(q, p, block, place, panels, strip);
      else sweep(q, p, block, place, panels);
    };
    const TaskBlock whole{n0, n1, y0, y1, x0, columns, plane, image_floats, q.pooled.y ? q.out + owner * 2 * q.out_line : nullptr};
    if (!may_be_alike(q)) {
      make(whole);
      return;
    }
    for (int64_t n = n0, from = n0; n < n1; ++n) {
      const Alike alike = find_alike(q, n, x0, columns);
      if (alike.last - alike.first < kWorthCopying) {
        if (n + 1 == n1) make({from, n1, y0, y1, x0, columns, plane + (from - n0) * image_floats, image_floats, nullptr});
        continue;
      }
      if (n > from) make({from, n, y0, y1, x0, columns, plane + (from - n0) * image_floats, image_floats, nullptr});
      from = n + 1;
      auto part = [&](int64_t begin, int64_t end) {
        if (end > begin) make({n, n + 1, y0, y1, x0 + begin, end - begin, plane + (n - n0) * image_floats + begin, image_floats, nullptr});
      };
      part(0, alike.first + 1);
      part(alike.last, columns);
      float* out = q.out + n * q.out_image + (x0 + alike.first) * q.out_pixel;
      for (int64_t j = 1; j < alike.last - alike.first; ++j)
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

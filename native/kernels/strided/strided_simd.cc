#include "kernels/strided/strided.h"

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// Calls line(offsets…) for lines [begin, end) of the axes before the last, counting them as an odometer does.
template <class F>
void each_line(int axes, const int64_t* length, const int64_t* first, const int64_t* second, int64_t begin, int64_t end, F line) {
  int64_t at[kMaxAxes] = {}, a = 0, b = 0, rest = begin;
  for (int k = axes - 1; k >= 0; --k) {
    at[k] = rest % length[k];
    rest /= length[k];
    a += at[k] * first[k];
    b += at[k] * second[k];
  }
  for (int64_t i = begin; i < end; ++i) {
    line(i, a, b);
    for (int k = axes - 1; k >= 0; --k) {
      a += first[k];
      b += second[k];
      if (++at[k] < length[k]) break;
      a -= at[k] * first[k];
      b -= at[k] * second[k];
      at[k] = 0;
    }
  }
}

// The sum over the reduced axes, 16 (or `left`) neighbours at a time.
SARAF_INLINE vec chunked_sum(const MoveArgs<float>& a, const float* x, int64_t terms, int64_t left) {
  vec total = zero(), chain = zero();
  int64_t done = 0, stop = next_chunk(terms);
  bool first = true;
  each_line(a.reduced, a.length + a.kept, a.x_stride + a.kept, a.x_stride + a.kept, 0, terms, [&](int64_t, int64_t at, int64_t) {
    chain = add(chain, load_n(x + at, left));
    if (++done < stop) return;
    total = first ? chain : add(total, chain);
    first = false;
    chain = zero();
    stop = done + next_chunk(terms - done);
  });
  return total;
}

float scalar_sum(const MoveArgs<float>& a, const float* x, int64_t terms) {
  float total = 0, chain = 0;
  int64_t done = 0, stop = next_chunk(terms);
  bool first = true;
  each_line(a.reduced, a.length + a.kept, a.x_stride + a.kept, a.x_stride + a.kept, 0, terms, [&](int64_t, int64_t at, int64_t) {
    chain = chain + x[at];
    if (++done < stop) return;
    total = first ? chain : total + chain;
    first = false;
    chain = 0;
    stop = done + next_chunk(terms - done);
  });
  return total;
}

void move_line(const MoveArgs<float>& a, const float* x, float* y, int64_t terms) {
  const int64_t n = a.length[a.kept - 1], xs = a.x_stride[a.kept - 1], ys = a.y_stride[a.kept - 1];
  const bool dense = ys == 1 && xs == 1;
  if (a.reduced == 0) {
    if (dense) {
      for (int64_t i = 0; i < n; i += kLanes) store_n(y + i, load_n(x + i, n - i), n - i);
    } else if (ys == 1 && xs == 0) {
      const vec v = set1(*x);
      for (int64_t i = 0; i < n; i += kLanes) store_n(y + i, v, n - i);
    } else {
      for (int64_t i = 0; i < n; ++i) y[i * ys] = x[i * xs];
    }
  } else if (terms == 0) {
    for (int64_t i = 0; i < n; ++i) y[i * ys] = 0.0f;
  } else if (dense) {
    for (int64_t i = 0; i < n; i += kLanes) store_n(y + i, chunked_sum(a, x + i, terms, n - i), n - i);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * ys] = scalar_sum(a, x + i * xs, terms);
  }
}

SARAF_INLINE vec merged(vec a, vec b, vec c, Merge op) {
  switch (op) {
    case Merge::kAdd: return add(a, b);
    case Merge::kSubtract: return sub(a, b);
    case Merge::kMultiply: return mul(a, b);
    case Merge::kMaximum: return select(gt(b, a), b, a);
    case Merge::kMinimum: return select(lt(b, a), b, a);
    case Merge::kWhereNotLess: return select(gt(b, a), zero(), c);
    case Merge::kWhereLess: return select(gt(b, a), c, zero());
    case Merge::kWhereNotMore: return select(lt(b, a), zero(), c);
    case Merge::kWhereMore: return select(lt(b, a), c, zero());
    case Merge::kPrelu: return select(gt(a, zero()), a, mul(a, b));
    case Merge::kPreluInput: return select(gt(a, zero()), c, select(lt(a, zero()), mul(c, b), zero()));
    default: return select(lt(a, zero()), mul(c, a), zero());
  }
}

// The shares of outputs [first, last) of an axis that come from input i.
struct Window {
  int64_t first, last;
};
SARAF_INLINE Window window_of(int64_t i, int64_t n, int64_t s) {
  const int64_t last = (i + 2) * s;
  return {i == 0 ? 0 : (i - 1) * s, last < n * s ? last : n * s};
}
SARAF_INLINE float weight_of(int64_t i, int64_t o, int64_t n, int64_t s) {
  int64_t i0, i1, numerator;
  bilinear_source(o, n, s, &i0, &i1, &numerator);
  const float f = (float)numerator / (float)(2 * s);
  return (i == i0 ? 1.0f - f : 0.0f) + (i == i1 ? f : 0.0f);
}

}  // namespace

void f32_move(const MoveArgs<float>& args) {
  SARAF_MARK(f32_move);
  const MoveArgs<float> a = args;
  if (a.clear > 0) {
    float* from = a.clear_from;
    parallel_for((a.clear + kLanes - 1) / kLanes, region_grain(60) / kLanes, [=](int64_t begin, int64_t end, int) {
      for (int64_t i = begin * kLanes; i < end * kLanes; i += kLanes) store_n(from + i, zero(), a.clear - i);
    });
  }
  int64_t lines = 1, terms = 1;
  for (int k = 0; k + 1 < a.kept; ++k) lines *= a.length[k];
  for (int k = a.kept; k < a.kept + a.reduced; ++k) terms *= a.length[k];
  const int64_t n = a.length[a.kept - 1];
  if (n == 0 || lines == 0) return;
  parallel_for(lines, 1 + region_grain(130) / (n * (terms + 1) + 8), [&a, terms](int64_t begin, int64_t end, int) {
    each_line(a.kept - 1, a.length, a.x_stride, a.y_stride, begin, end,
              [&](int64_t, int64_t x, int64_t y) { move_line(a, a.x + x, a.y + y, terms); });
  });
}

void f32_merge(const MergeArgs<float>& args) {
  SARAF_MARK(f32_merge);
  const MergeArgs<float> m = args;
  int64_t lines = 1;
  for (int k = 0; k + 1 < m.axes; ++k) lines *= m.length[k];
  const int64_t n = m.length[m.axes - 1];
  if (n == 0 || lines == 0) return;
  const bool a_repeats = m.a_stride[m.axes - 1] == 0, b_repeats = m.b_stride[m.axes - 1] == 0;
  // Vectors of one long line, or lines of few.
  const int64_t vectors = (n + kLanes - 1) / kLanes;
  parallel_for(lines == 1 ? vectors : lines, 1 + region_grain(130) / (lines == 1 ? (int64_t)kLanes : n + 8), [=, &m](int64_t begin, int64_t end, int) {
    const int64_t from = lines == 1 ? begin * kLanes : 0, to = lines == 1 && end * kLanes < n ? end * kLanes : n;
    each_line(m.axes - 1, m.length, m.a_stride, m.b_stride, lines == 1 ? 0 : begin, lines == 1 ? 1 : end, [&](int64_t line, int64_t a, int64_t b) {
      for (int64_t i = from; i < to; i += kLanes) {
        const int64_t left = to - i, at = line * n + i;
        const vec va = a_repeats ? set1(m.a[a]) : load_n(m.a + a + i, left), vb = b_repeats ? set1(m.b[b]) : load_n(m.b + b + i, left);
        store_n(m.y + at, merged(va, vb, m.c ? load_n(m.c + at, left) : zero(), m.op), left);
      }
    });
  });
}

void f32_bilinear_fwd(const BilinearShape& shape, const float* x, float* y) {
  SARAF_MARK(f32_bilinear_fwd);
  const BilinearShape s = shape;
  const int64_t OH = s.H * s.sh, OW = s.W * s.sw;
  parallel_for(s.N * OH, 1 + region_grain(300) / (OW * (s.C + 8) + 1), [=](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t h0, h1, fh;
      bilinear_source(line % OH, s.H, s.sh, &h0, &h1, &fh);
      const float *top = x + (line / OH * s.H + h0) * s.W * s.C, *bottom = x + (line / OH * s.H + h1) * s.W * s.C;
      const vec fy = set1((float)fh / (float)(2 * s.sh));
      for (int64_t ow = 0; ow < OW; ++ow) {
        int64_t w0, w1, fw;
        bilinear_source(ow, s.W, s.sw, &w0, &w1, &fw);
        const vec fx = set1((float)fw / (float)(2 * s.sw));
        for (int64_t c = 0; c < s.C; c += kLanes) {
          const int64_t left = s.C - c;
          const vec x00 = load_n(top + w0 * s.C + c, left), x10 = load_n(bottom + w0 * s.C + c, left);
          const vec t = fma(sub(load_n(top + w1 * s.C + c, left), x00), fx, x00);
          const vec b = fma(sub(load_n(bottom + w1 * s.C + c, left), x10), fx, x10);
          store_n(y + (line * OW + ow) * s.C + c, fma(sub(b, t), fy, t), left);
        }
      }
    }
  });
}

void f32_bilinear_bwd(const BilinearShape& shape, const float* dy, float* dx) {
  SARAF_MARK(f32_bilinear_bwd);
  const BilinearShape s = shape;
  const int64_t OH = s.H * s.sh, OW = s.W * s.sw;
  parallel_for(s.N * s.H, 1 + region_grain(300) / (4 * s.sh * OW * (s.C + 8) + 1), [=](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) {
      const int64_t n = line / s.H, h = line % s.H;
      const Window rows = window_of(h, s.H, s.sh);
      for (int64_t w = 0; w < s.W; ++w) {
        const Window cols = window_of(w, s.W, s.sw);
        for (int64_t c = 0; c < s.C; c += kLanes) {
          vec sum = zero();
          for (int64_t oh = rows.first; oh < rows.last; ++oh) {
            const float wy = weight_of(h, oh, s.H, s.sh);
            for (int64_t ow = cols.first; ow < cols.last; ++ow)
              sum = fma(set1(wy * weight_of(w, ow, s.W, s.sw)), load_n(dy + ((n * OH + oh) * OW + ow) * s.C + c, s.C - c), sum);
          }
          store_n(dx + (line * s.W + w) * s.C + c, sum, s.C - c);
        }
      }
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

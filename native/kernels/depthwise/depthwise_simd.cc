#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "kernels/depthwise/depthwise_line.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

int64_t strips_of(int64_t n) { return (n + kLanes - 1) / kLanes; }

// What a strip reads of a line of x: the line itself, or where a channel has several filters a copy with a lane for each.
const float* strip_line(const ConvShape& s, int64_t m, const float* line, int64_t f, float* copy) {
  if (m == 1) return line + f;
  const int64_t left = s.F - f < kLanes ? s.F - f : kLanes;
  for (int64_t x = 0; x < s.W; ++x)
    for (int64_t i = 0; i < left; ++i) copy[x * kLanes + i] = line[x * s.C + (f + i) / m];
  return copy;
}

// Floats of such copies for all tap lines of a window.
int64_t copied_lines(const ConvShape& s, int64_t m) { return m == 1 ? 0 : s.kh * s.W * kLanes; }

// Picoseconds of one line strip in one thread.
int64_t strip_cost(int64_t pixels, int64_t taps) { return 200 * pixels * (taps + 2) + 1000; }

#if defined(SARAF_ISA_AVX512)
constexpr int kTaps = 9;
#elif SARAF_TILE_OF_SIX
constexpr int kTaps = 5;
#else
constexpr int kTaps = 3;
#endif

// One tap of dw over a piece of a line: its sums so far, and its source at output column 0.
struct WeightTap {
  float* sum;
  const float* at;
  int64_t begin, end;  // output columns at which it is inside
};

struct WeightLine {
  const float* dz;  // of output column 0
  int64_t F, next, left;  // floats between columns of dz and of the source; channels of the strip
};

template <int T, bool kWhole>
__attribute__((noinline)) void weight_taps(const WeightLine& l, const WeightTap* taps) {
  const int64_t left = kWhole ? kLanes : l.left;
  vec sum[T];
  int64_t begin = taps[0].begin, end = taps[0].end;  // of the columns at which all are inside
  for (int t = 1; t < T; ++t) {
    if (taps[t].begin > begin) begin = taps[t].begin;
    if (taps[t].end < end) end = taps[t].end;
  }
#pragma GCC unroll 9
  for (int t = 0; t < T; ++t) {
    vec v = load(taps[t].sum);
    const int64_t stop = begin < end && begin < taps[t].end ? begin : taps[t].end;
    for (int64_t x = taps[t].begin; x < stop; ++x) v = fma(load_n(taps[t].at + x * l.next, left), load_n(l.dz + x * l.F, left), v);
    sum[t] = v;
  }
  for (int64_t x = begin; x < end; ++x) {
    const vec d = load_n(l.dz + x * l.F, left);
#pragma GCC unroll 9
    for (int t = 0; t < T; ++t) sum[t] = fma(load_n(taps[t].at + x * l.next, left), d, sum[t]);
  }
#pragma GCC unroll 9
  for (int t = 0; t < T; ++t) {
    vec v = sum[t];
    if (begin < end)
      for (int64_t x = end; x < taps[t].end; ++x) v = fma(load_n(taps[t].at + x * l.next, left), load_n(l.dz + x * l.F, left), v);
    store(taps[t].sum, v);
  }
}

using WeightTaps = void (*)(const WeightLine&, const WeightTap*);
template <bool kWhole>
WeightTaps weight_taps_of(int64_t count) {
#if defined(SARAF_ISA_AVX512)
  static const WeightTaps of[kTaps] = {weight_taps<1, kWhole>, weight_taps<2, kWhole>, weight_taps<3, kWhole>, weight_taps<4, kWhole>, weight_taps<5, kWhole>,
                                       weight_taps<6, kWhole>, weight_taps<7, kWhole>, weight_taps<8, kWhole>, weight_taps<9, kWhole>};
#elif SARAF_TILE_OF_SIX
  static const WeightTaps of[kTaps] = {weight_taps<1, kWhole>, weight_taps<2, kWhole>, weight_taps<3, kWhole>, weight_taps<4, kWhole>, weight_taps<5, kWhole>};
#else
  static const WeightTaps of[kTaps] = {weight_taps<1, kWhole>, weight_taps<2, kWhole>, weight_taps<3, kWhole>};
#endif
  return of[count - 1];
}

}  // namespace

void f32_depthwise_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_depthwise_fwd);
  const int64_t m = s.F / s.C, strips = strips_of(s.F), window = s.kh * s.kw, copied = copied_lines(s, m);
  LineTap* all_taps = static_cast<LineTap*>(scratch_bytes(Slot::kConv, (size_t)(thread_count() * window) * sizeof(LineTap)));
  float* copies = scratch_floats(Slot::kPackA, (size_t)(thread_count() * copied));
  parallel_for(s.N * s.OH * strips, 1 + kRegionPicoseconds / strip_cost(s.OW, window), [&](int64_t begin, int64_t end, int thread) {
    LineTap* taps = all_taps + thread * window;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t f = task % strips * kLanes, oy = task / strips % s.OH, n = task / strips / s.OH;
      int64_t count = 0;
      for (int64_t ky = 0; ky < s.kh; ++ky) {
        const int64_t iy = oy * s.sh - s.pt + ky * s.dh;
        if (iy < 0 || iy >= s.H) continue;
        const float* line = strip_line(s, m, x + (n * s.H + iy) * s.W * s.C, f, copies + thread * copied + ky * s.W * kLanes);
        for (int64_t kx = 0; kx < s.kw; ++kx) taps[count++] = {line, w + (ky * s.kw + kx) * s.F + f, kx * s.dw - s.pl};
      }
      line_strip({taps, count, s.sw, s.W, m == 1 ? s.C : kLanes, b ? b + f : nullptr, act, y + (n * s.OH + oy) * s.OW * s.F + f, s.F, s.OW, s.F - f});
    }
  });
}

void f32_depthwise_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_depthwise_bwd_data);
  const int64_t m = s.F / s.C, strips = strips_of(s.F), window = s.kh * s.kw;
  // With several filters a channel, a task is a whole line, whose sums per filter are then added.
  const int64_t cut = m == 1 ? strips : 1, sums = m == 1 ? 0 : s.W * s.F;
  LineTap* all_taps = static_cast<LineTap*>(scratch_bytes(Slot::kConv, (size_t)(thread_count() * window) * sizeof(LineTap)));
  float* lines = scratch_floats(Slot::kPackA, (size_t)(thread_count() * sums));
  parallel_for(s.N * s.H * cut, 1 + kRegionPicoseconds / (strip_cost(s.W, window) * (strips / cut)), [&](int64_t begin, int64_t end, int thread) {
    LineTap* taps = all_taps + thread * window;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t iy = task / cut % s.H, n = task / cut / s.H, first = task % cut * kLanes;
      float* const to = m == 1 ? dx + (n * s.H + iy) * s.W * s.C : lines + thread * sums;
      for (int64_t f = first; f < (m == 1 ? first + 1 : s.F); f += kLanes)
        // Columns that are as far apart as windows meet the same taps.
        for (int64_t r = 0; r < s.sw && r < s.W; ++r) {
          int64_t count = 0;
          for (int64_t ky = s.kh - 1; ky >= 0; --ky) {
            const int64_t v = iy + s.pt - ky * s.dh;
            if (v < 0 || v % s.sh != 0 || v / s.sh >= s.OH) continue;
            for (int64_t kx = s.kw - 1; kx >= 0; --kx) {
              const int64_t u = r + s.pl - kx * s.dw;
              if (u % s.sw == 0) taps[count++] = {dz + (n * s.OH + v / s.sh) * s.OW * s.F + f, w + (ky * s.kw + kx) * s.F + f, u / s.sw};
            }
          }
          line_strip({taps, count, 1, s.OW, s.F, nullptr, kLinear, to + r * s.F + f, s.sw * s.F, (s.W - r + s.sw - 1) / s.sw, s.F - f});
        }
      if (m == 1) continue;
      float* out = dx + (n * s.H + iy) * s.W * s.C;
      for (int64_t i = 0; i < s.W * s.C; ++i) {
        float total = to[i * m];
        for (int64_t j = 1; j < m; ++j) total = total + to[i * m + j];
        out[i] = total;
      }
    }
  });
}

void f32_depthwise_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_depthwise_bwd_weights);
  const int64_t m = s.F / s.C, K = s.N * s.OH * s.OW, strips = strips_of(s.F), window = s.kh * s.kw, copied = copied_lines(s, m);
  const int64_t groups = weight_groups(K, window * s.F), part = window * strips * kLanes, lanes = window * kLanes;
  WeightTap* all_taps = static_cast<WeightTap*>(scratch_bytes(Slot::kConv, (size_t)(thread_count() * window) * sizeof(WeightTap)));
  float* parts = scratch_floats(Slot::kReduce, (size_t)(groups * part));
  float* chains = scratch_floats(Slot::kPackA, (size_t)(thread_count() * (lanes + copied)));
  parallel_for(groups * strips, 1 + kRegionPicoseconds / strip_cost(K / groups + 1, window), [&](int64_t begin, int64_t end, int thread) {
    WeightTap* taps = all_taps + thread * window;
    float *chain = chains + thread * (lanes + copied), *copies = chain + lanes;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t g = task / strips, f = task % strips * kLanes, stop = group_begin(K, groups, g + 1);
      int64_t k = group_begin(K, groups, g);
      float* const sums = parts + g * part + task % strips * lanes;
      for (int64_t i = 0; i < lanes; i += kLanes) store(sums + i, zero());
      for (bool first = true; k < stop; first = false) {
        const int64_t chunk_end = k + next_chunk(stop - k);
        for (int64_t i = 0; i < lanes; i += kLanes) store(chain + i, zero());
        while (k < chunk_end) {
          const int64_t line = k / s.OW, x0 = k % s.OW, x1 = s.OW - x0 < chunk_end - k ? s.OW : x0 + chunk_end - k;
          const int64_t oy = line % s.OH, n = line / s.OH, pixel = m == 1 ? s.C : kLanes;
          int64_t count = 0;
          for (int64_t ky = 0; ky < s.kh; ++ky) {
            const int64_t iy = oy * s.sh - s.pt + ky * s.dh;
            if (iy < 0 || iy >= s.H) continue;
            const float* from = strip_line(s, m, x + (n * s.H + iy) * s.W * s.C, f, copies + ky * s.W * kLanes);
            for (int64_t kx = 0; kx < s.kw; ++kx) {
              const int64_t column = kx * s.dw - s.pl;
              int64_t lo = steps_from(-column, s.sw), hi = steps_from(s.W - column, s.sw);
              if (lo < x0) lo = x0;
              if (hi > x1) hi = x1;
              if (lo < hi) taps[count++] = {chain + (ky * s.kw + kx) * kLanes, from + column * pixel, lo, hi};
            }
          }
          const WeightLine l{dz + line * s.OW * s.F + f, s.F, s.sw * pixel, s.F - f};
          for (int64_t t = 0; t < count; t += kTaps) {
            const int64_t some = count - t < kTaps ? count - t : kTaps;
            (l.left >= kLanes ? weight_taps_of<true>(some) : weight_taps_of<false>(some))(l, taps + t);
          }
          k += x1 - x0;
        }
        for (int64_t i = 0; i < lanes; i += kLanes) store(sums + i, first ? load(chain + i) : add(load(sums + i), load(chain + i)));
      }
    }
  });
  for (int64_t strip = 0; strip < strips; ++strip)
    for (int64_t t = 0; t < window; ++t) {
      vec total = load(parts + strip * lanes + t * kLanes);
      for (int64_t g = 1; g < groups; ++g) total = add(total, load(parts + g * part + strip * lanes + t * kLanes));
      store_n(dw + t * s.F + strip * kLanes, total, s.F - strip * kLanes);
    }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "core/marks.h"
#include "core/scratch.h"
#include "kernels/conv/act_gradient_tile.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/conv_sparse.h"
#include "kernels/conv/conv_weights.h"
#include "kernels/conv/conv_window.h"
#include "kernels/conv/pool_pairs.h"
#include "kernels/conv/row_sums.h"
#include "kernels/conv/winograd.h"
#include "kernels/gemm/gemm.h"

namespace saraf {
namespace SARAF_ISA_NS {

decltype(ref::f32_column_sum) f32_column_sum;

namespace {

// A convolution of few channels, a network's first, costs little more than moving its output: there the pooling behind it is fused.
constexpr int64_t kFusedChannels = 8;

int64_t threads_for(double work) { return region_pays(work, kFmaPicoseconds) ? thread_count() : 1; }

// All panels of B, K rows: pack(panel, column, columns) writes one.
template <class F>
void pack_panels(int64_t K, int64_t N, float* panels, F pack) {
  parallel_for((N + kNR - 1) / kNR, 1 + 65536 / (K * kNR + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i * kNR;
      pack(panels + n * K, n, (int)(N - n < kNR ? N - n : kNR));
    }
  });
}

int64_t panel_floats(int64_t K, int64_t N) { return K * ((N + kNR - 1) / kNR) * kNR + 64; }

}  // namespace

namespace {

Window forward_window(const ConvShape& s) {
  Window q{};
  q.N = s.N;
  q.OH = s.OH;
  q.OW = s.OW;
  q.H = s.H;
  q.W = s.W;
  q.ld = s.C;
  q.C = s.C / s.groups;
  q.sy = s.sh;
  q.sx = s.sw;
  q.ty = -s.pt;
  q.tx = -s.pl;
  q.dy = s.dh;
  q.dx = s.dw;
  q.ny = s.kh;
  q.nx = s.kw;
  q.out_image = s.OH * s.OW * s.F;
  q.out_line = s.OW * s.F;
  q.out_pixel = s.F;
  q.F = s.F / s.groups;
  return q;
}

double forward_work(const Window& q) { return (double)q.N * q.OH * q.OW * q.F * q.K(); }

}  // namespace

void f32_conv_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_conv_fwd);
  if (winograd_takes_fwd(s)) return f32_winograd_fwd(s, x, w, b, y, act);
  Window q = forward_window(s);
  const int64_t Cg = q.C, Fg = q.F, K = q.K(), threads = threads_for(forward_work(q));
  const WindowPlan p = plan_window(q, threads);
  float* panels = scratch_floats(Slot::kPackB, (size_t)panel_floats(K, Fg));
  float* scratch = scratch_floats(Slot::kConv, (size_t)window_floats(q, p, thread_count()));
  for (int64_t g = 0; g < s.groups; ++g) {
    const Matrix weights{w + g * Fg, s.F};
    pack_panels(K, Fg, panels, [&](float* panel, int64_t n, int count) { pack_b_rows(&weights, 0, K, n, count, panel); });
    q.source = x + g * Cg;
    q.out = y + g * Fg;
    q.end = {b ? b + g * Fg : nullptr, act};
    run_window(q, p, panels, scratch, threads);
  }
}

// Pairs of lines are pooled as soon as they are made where the weights stay in L1 meanwhile; else z is made first.
void f32_conv_pool_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* z, float* y, uint8_t* taps, Activation act) {
  SARAF_MARK(f32_conv_pool_fwd);
  Window q = forward_window(s);
  q.pooled = {&s, y, taps};
  q.source = x;
  q.end = {b, act};
  const int64_t K = q.K(), threads = threads_for(forward_work(q));
  const WindowPlan p = plan_window(q, threads);
  if (s.C > kFusedChannels || s.groups > 1 || s.F <= kMaxNarrow || !weights_stay(q) || p.columns < s.OW || s.N * s.OH < 2 * thread_count()) {
    f32_conv_fwd(s, x, w, b, z, act);
    f32_pool_pairs_fwd(s, z, y, taps);
    return;
  }
  q.out = z;  // of N·OH lines; each thread takes two
  float* panels = scratch_floats(Slot::kPackB, (size_t)panel_floats(K, s.F));
  float* scratch = scratch_floats(Slot::kConv, (size_t)window_floats(q, p, thread_count()));
  const Matrix weights{w, s.F};
  pack_panels(K, s.F, panels, [&](float* panel, int64_t n, int count) { pack_b_rows(&weights, 0, K, n, count, panel); });
  run_window(q, p, panels, scratch, threads);
}

// One window per residue of the input position modulo the stride: each has its own taps, and no work on zeros between them.
void f32_conv_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_conv_bwd_data);
  if (winograd_takes_bwd_data(s)) return f32_winograd_bwd_data(s, dz, w, dx);
  if (sparse_data_gradient(s, dz, w, dx)) return;
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups;
  // Taps that meet residue r: ky = last, last − step, …; their outputs are `hop` apart.
  struct Taps {
    int64_t last, step, count, first_output, hop;
  };
  auto taps_of = [](int64_t r, int64_t pad, int64_t k, int64_t stride, int64_t dilation) {
    Taps t{-1, 1, 0, 0, 1};
    for (int64_t i = 0; i < k; ++i) {
      if ((r + pad - i * dilation) % stride != 0) continue;
      if (t.last >= 0) t.step = i - t.last;
      t.last = i;
      ++t.count;
    }
    if (t.count > 0) {
      t.first_output = (r + pad - t.last * dilation) / stride;
      t.hop = t.step * dilation / stride;
      if (t.count == 1) t.hop = 1;
    }
    return t;
  };
  for (int64_t ry = 0; ry < s.sh && ry < s.H; ++ry) {
    const Taps v = taps_of(ry, s.pt, s.kh, s.sh, s.dh);
    for (int64_t rx = 0; rx < s.sw && rx < s.W; ++rx) {
      const Taps h = taps_of(rx, s.pl, s.kw, s.sw, s.dw);
      Window q{};
      q.N = s.N;
      q.OH = (s.H - ry + s.sh - 1) / s.sh;
      q.OW = (s.W - rx + s.sw - 1) / s.sw;
      q.H = s.OH;
      q.W = s.OW;
      q.ld = s.F;
      q.C = Fg;
      q.sy = q.sx = 1;
      q.ty = v.first_output;
      q.tx = h.first_output;
      q.dy = v.hop;
      q.dx = h.hop;
      q.ny = v.count;
      q.nx = h.count;
      q.out_image = s.H * s.W * s.C;
      q.out_line = s.sh * s.W * s.C;
      q.out_pixel = s.sw * s.C;
      q.F = Cg;
      q.end = {nullptr, kLinear};
      float* out = dx + (ry * s.W + rx) * s.C;
      const int64_t K = q.K();
      if (K == 0) {
        for (int64_t n = 0; n < q.N; ++n)
          for (int64_t i = 0; i < q.OH; ++i)
            for (int64_t j = 0; j < q.OW; ++j)
              for (int64_t c = 0; c < s.C; ++c) out[n * q.out_image + i * q.out_line + j * q.out_pixel + c] = 0;
        continue;
      }
      const int64_t threads = threads_for((double)q.N * q.OH * q.OW * Cg * K);
      const WindowPlan p = plan_window(q, threads);
      float* panels = scratch_floats(Slot::kPackB, (size_t)panel_floats(K, Cg));
      float* scratch = scratch_floats(Slot::kConv, (size_t)window_floats(q, p, thread_count()));
      for (int64_t g = 0; g < s.groups; ++g) {
        pack_panels(K, Cg, panels, [&](float* panel, int64_t n, int count) {
          for (int64_t i = 0; i < v.count; ++i)
            for (int64_t j = 0; j < h.count; ++j) {
              const int64_t tap = (v.last - i * v.step) * s.kw + h.last - j * h.step;
              const Matrix weights{w + tap * Cg * s.F + g * Fg, s.F};
              pack_b_columns(&weights, 0, Fg, n, count, panel + (i * h.count + j) * Fg * kNR);
            }
        });
        q.source = dz + g * Fg;
        q.out = out + g * Cg;
        run_window(q, p, panels, scratch, threads);
      }
    }
  }
}

namespace {

// dz as it lies in memory.
struct NoGradient {};
vec make_gradient(const ConvShape&, const NoGradient&, int64_t, int64_t, int64_t, float*, int64_t, vec chain) { return chain; }
vec make_gradient(const ConvShape& s, const PairGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  return unpool_rows(s, g, r, stop, f, to, ld, chain);
}
vec make_gradient(const ConvShape&, const ActGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  return act_rows(g, r, stop, f, to, ld, chain);
}

// dw from dz or, where `made` is given, from what dz is made of; then also db in `db_sums`, a row per group of the sum.
template <class Gradient>
void weight_gradient(const ConvShape& s, const float* x, const float* dz, const Gradient* made, float* dw, float* db_sums) {
  const WeightPlan p = plan_weights(s);
  const int64_t M = p.M, N = p.Fg, panels = (N + kNR - 1) / kNR, tiles = p.runs * p.run_tiles;
  const int64_t sum_groups = weight_groups(p.K, M * N), threads = threads_for((double)p.K * (double)M * (double)N);
  // Groups of the sum first, then columns, then rows: rows share the packed dz.
  const int64_t parts = (threads + sum_groups - 1) / sum_groups;
  const int64_t tn = parts < panels ? parts : panels;
  int64_t tm = (parts + tn - 1) / tn;
  if (tm > tiles) tm = tiles;
  const int64_t tasks = sum_groups * tm * tn;
  const TapTiles* whole = tm == 1 && p.run == s.kw * p.Cg && s.kh <= 32 ? choose_tap_tiles(s.kh, p.run) : nullptr;
  float* sums = sum_groups > 1 ? scratch_floats(Slot::kGroups, (size_t)((sum_groups - 1) * M * N)) : nullptr;
  const int64_t owned = (laid_floats(s, p) + 15) / 16 * 16, owners = thread_count();
  float* copies = scratch_floats(Slot::kConv, (size_t)(owners * owned));
  float* packs = scratch_floats(Slot::kPackB, (size_t)(owners * (kMaxChunk * kNR + 64)));
  for (int64_t g = 0; g < s.groups; ++g) {
    const Matrix gradients{dz + g * N, s.F};
    auto run = [&](int64_t t, int owner) {
      const int64_t group = t / (tm * tn), i = t % (tm * tn) / tn, j = t % tn;
      const Laid laid = laid_in(copies + owner * owned, s, p);
      float* pack = packs + owner * (kMaxChunk * kNR + 64);
      float* c = group == 0 ? dw + g * N : sums + (group - 1) * M * N;
      const int64_t ldc = group == 0 ? s.F : N;
      const int64_t t0 = tiles * i / tm, t1 = tiles * (i + 1) / tm, p0 = panels * j / tn, p1 = panels * (j + 1) / tn;
      const int64_t begin = group_begin(p.K, sum_groups, group), stop = group_begin(p.K, sum_groups, group + 1);
      for (int64_t k = begin; k < stop;) {
        const int64_t kc = next_chunk(stop - k);
        lay_pixels(s, p, x, g, k, kc, &laid);
        const int64_t ranges = whole ? cut_ranges(s, p, laid, kc, laid.ranges) : 0;
        for (int64_t n = p0; n < p1; ++n) {
          const int w = (int)(N - n * kNR < kNR ? N - n * kNR : kNR);
          const bool in_place = !made && w == kNR && (whole || s.F <= 2 * kNR);
          const float* b = in_place ? gradients.data + k * s.F + n * kNR : pack;
          if (made) {
            for (int64_t f = n * kNR; f < n * kNR + w; f += kLanes) {
              const vec chain = make_gradient(s, *made, k, k + kc, f, pack + f % kNR, kNR, zero());
              float* sum = db_sums + group * panels * kNR + f;
              store(sum, k == begin ? chain : add(load(sum), chain));
            }
          } else if (!in_place) pack_b_rows(&gradients, k, kc, n * kNR, w, pack);
          if (whole) {
            for (int64_t y = 0; y < s.kh; y += whole->tap_lines)
              for (int v = 0; v < w; v += whole->columns) {
                const TapLines taps{laid.ranges, laid.ranges + ranges, (int)y, laid.copy + y * s.dh * p.pitch * p.Cg, laid.place, s.dh * p.pitch * p.Cg};
                whole->tile(taps, b + v, in_place ? s.F : kNR, c + y * p.run * ldc + n * kNR + v, ldc, w - v < whole->columns ? w - v : whole->columns, k > begin);
              }
            continue;
          }
          for (int64_t q = t0; q < t1; ++q) {
            int64_t row, offset, ky;
            int rows;
            weight_tile(s, p, q, &row, &rows, &offset, &ky);
            choose_tile(rows, w)(laid.spans + ky * p.max_pieces, laid.count[ky], laid.copy + offset, laid.place, b, in_place ? s.F : kNR, c + row * ldc + n * kNR, ldc, w, k > begin, nullptr);
          }
        }
        k += kc;
      }
      if (stop == begin)  // a group without pixels adds 0
        for (int64_t q = t0; q < t1; ++q) {
          int64_t row, offset, ky;
          int rows;
          weight_tile(s, p, q, &row, &rows, &offset, &ky);
          const int64_t n1 = p1 * kNR < N ? p1 * kNR : N;
          for (int64_t r = row; r < row + rows; ++r)
            for (int64_t n = p0 * kNR; n < n1; ++n) c[r * ldc + n] = 0;
        }
    };
    if (threads == 1)
      for (int64_t t = 0; t < tasks; ++t) run(t, 0);
    else
      parallel_each(tasks, [&](int64_t t, int owner) { run(t, owner); });
    if (sum_groups == 1) continue;
    float* total = dw + g * N;
    parallel_for(M, 1 + 65536 / (N * sum_groups), [&](int64_t begin, int64_t end, int) {
      for (int64_t m = begin; m < end; ++m)
        for (int64_t n = 0; n < N; n += kLanes) {
          const int64_t left = N - n;
          vec v = load_n(total + m * s.F + n, left);
          for (int64_t group = 1; group < sum_groups; ++group) v = add(v, load_n(sums + ((group - 1) * M + m) * N + n, left));
          store_n(total + m * s.F + n, v, left);
        }
    });
  }
}

}  // namespace

void f32_conv_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_conv_bwd_weights);
  if (winograd_takes_bwd_weights(s)) return f32_winograd_bwd_weights(s, x, dz, dw);
  if (sparse_weight_gradient(s, x, dz, dw)) return;
  weight_gradient<NoGradient>(s, x, dz, nullptr, dw, nullptr);
}

namespace {

// Whether dz can be made chunk by chunk in L1: both sums run over the same groups of pixels,
bool could_make_gradient(const ConvShape& s) {
  const int64_t K = s.N * s.OH * s.OW;
  return s.C <= kFusedChannels && s.groups == 1 && weight_groups(K, s.F) == weight_groups(K, s.kh * s.kw * s.C * s.F);
}
// and one task meets each chunk.
bool makes_gradient(const ConvShape& s) { return could_make_gradient(s) && weight_groups(s.N * s.OH * s.OW, s.F) >= thread_count(); }

// From a dz that is there: by the kernel that made it elsewhere, since threads alone must not decide between a dense and a sparse sum.
void weight_gradient_of(const ConvShape& s, const float* x, const float* dz, float* dw) {
  if (could_make_gradient(s)) weight_gradient<NoGradient>(s, x, dz, nullptr, dw, nullptr);
  else f32_conv_bwd_weights(s, x, dz, dw);
}

template <class Gradient>
void make_weight_gradient(const ConvShape& s, const float* x, const float* dz, const Gradient& made, float* dw, float* db) {
  const int64_t groups = weight_groups(s.N * s.OH * s.OW, s.F), columns = (s.F + kNR - 1) / kNR * kNR;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * columns));
  for (int64_t i = 0; i < groups * columns; i += kLanes) store(sums + i, zero());  // a group without pixels adds 0
  weight_gradient(s, x, dz, &made, dw, sums);
  add_groups(sums, groups, columns, s.F, db);
}

}  // namespace

void f32_conv_pool_bwd_weights(const ConvShape& s, const float* x, const float* y, const uint8_t* taps, const float* dy, float* dz, float* dw,
                               float* db, Activation act) {
  SARAF_MARK(f32_conv_pool_bwd_weights);
  if (makes_gradient(s)) return make_weight_gradient(s, x, dz, PairGradient{y, taps, dy, act}, dw, db);
  f32_pool_pairs_bwd(s, y, taps, dy, dz, db, act);
  weight_gradient_of(s, x, dz, dw);
}

void f32_conv_act_bwd_weights(const ConvShape& s, const float* x, const float* y, const float* dy, float* dz, float* dw, float* db, Activation act) {
  SARAF_MARK(f32_conv_act_bwd_weights);
  if (makes_gradient(s)) return make_weight_gradient(s, x, dz, ActGradient{y, dy, s.F, act}, dw, db);
  const int64_t rows = s.N * s.OH * s.OW;
  if (act == kLinear) {  // dz is dy
    if (db) f32_column_sum(dy, rows, s.F, s.F, db);
    return weight_gradient_of(s, x, dy, dw);
  }
  f32_act_gradient(y, dy, rows, s.F, dz, db, act);
  weight_gradient_of(s, x, dz, dw);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

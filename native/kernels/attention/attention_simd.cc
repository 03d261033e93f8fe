#include "kernels/attention/attention.h"

#include "core/marks.h"
#include "isa/lanes.h"
#include "kernels/attention/attention_mask.h"
#include "kernels/dropout/philox16.h"
#include "kernels/gemm/gemm_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// Scores of a block of queries, floats: what stays in the second cache beside keys and values.
constexpr int64_t kBlockFloats = 65536;

// Floats between rows of scores: whole vectors, and not so that rows fall onto each other in the cache.
int64_t row_stride(int64_t keys) {
  const int64_t vectors = (keys + kLanes - 1) / kLanes * kLanes;
  return vectors % 256 == 0 ? vectors + kLanes : vectors;
}

// Lanes of x whose keys are open to a query, the others of `other`. open: 1 or 0 per key, or null (all).
struct Row {
  const float* open;
  int64_t limit;
};
SARAF_INLINE vec open_lanes(vec x, const Row& row, int64_t j, vec other) {
  if (row.open) x = select(gt(load(row.open + j), zero()), x, other);
  const int64_t left = row.limit - j;
  return left >= kLanes ? x : first_lanes(x, left > 0 ? left : 0, other);
}

// e^x, and 0 below -104 as vexp has it, but without its underflow, which costs a processor hundreds of cycles: closed keys are there.
SARAF_INLINE vec exp_or_zero(vec x) {
  const msk gone = lt(x, set1(-104.0f));
  return select(gone, zero(), vexp(select(gone, zero(), x)));
}

// One head of one sequence in one thread, and the thread's memory.
struct Head {
  const AttentionInputs<float>& a;
  int64_t n, h, live;
  float* open;  // Tk rounded up, or null without masks on keys
  float *pa, *pb;

  int64_t row(int64_t i) const { return (n * a.shape.H + h) * a.shape.Tq + i; }
  const float* q(int64_t i) const { return a.q + (n * a.shape.Tq + i) * a.shape.ldq + h * a.shape.dk; }
  const float* k(int64_t j) const { return a.k + (n * a.shape.Tk + j) * a.shape.ldk + h * a.shape.dk; }
  const float* v(int64_t j) const { return a.v + (n * a.shape.Tk + j) * a.shape.ldv + h * a.shape.dv; }
  int64_t y(int64_t i) const { return ((n * a.shape.Tq + i) * a.shape.H + h) * a.shape.dv; }

  // Called once where only key_mask closes keys, else per query.
  void read_open(int64_t i) {
    const AttentionShape& s = a.shape;
    const uint8_t *keys = a.key_mask ? a.key_mask + n * s.Tk : nullptr, *own = a.mask ? a.mask + (n * s.Tq + i) * s.Tk : nullptr;
    for (int64_t j = 0; j < live; ++j) open[j] = (!keys || keys[j]) && (!own || own[j]) ? 1.0f : 0.0f;
    for (int64_t j = live; j < live + kLanes; ++j) open[j] = 0.0f;
  }
  Row row_of(int64_t i) {
    if (a.mask) read_open(i);
    return {open, key_limit(a, n, i, live)};
  }
  static bool any(const Row& row) {
    if (!row.open) return row.limit > 0;
    for (int64_t j = 0; j < row.limit; ++j)
      if (row.open[j] > 0) return true;
    return false;
  }
  // Scores of queries [i0,i1) by keys [j0,j1), not yet scaled.
  void scores(int64_t i0, int64_t i1, int64_t j0, int64_t j1, float* s, int64_t lds) const {
    const AttentionShape& t = a.shape;
    if (a.scores) {
      for (int64_t i = i0; i < i1; ++i)
        for (int64_t j = 0; j < j1 - j0; j += kLanes) store(s + (i - i0) * lds + j, load_n(a.scores + row(i) * t.Tk + j0 + j, j1 - j0 - j));
      return;
    }
    by_columns(i1 - i0, j1 - j0, t.dk, q(i0), t.ldq, k(j0), t.ldk, s, lds);
  }
  // c (M,N) = a (M,K)·bᵀ, b (N,K).
  void by_columns(int64_t M, int64_t N, int64_t K, const float* left, int64_t lda, const float* right, int64_t ldb, float* c, int64_t ldc) const {
    multiply(M, N, K, left, lda, false, right, ldb, true, c, ldc);
  }
  void multiply(int64_t M, int64_t N, int64_t K, const float* left, int64_t lda, bool ta, const float* right, int64_t ldb, bool tb, float* c,
                int64_t ldc) const {
    const Matrix ma{left, lda}, mb{right, ldb};
    Product p{};
    p.M = M;
    p.N = N;
    p.K = K;
    p.pack_a = ta ? pack_a_columns : pack_a_rows;
    p.a = &ma;
    p.a_data = left;
    p.lda = lda;
    p.a_columns = ta;
    p.pack_b = tb ? pack_b_columns : pack_b_rows;
    p.b = &mb;
    p.b_direct = tb ? nullptr : right;
    p.ldb = ldb;
    p.act = kLinear;
    p.groups = 1;
    product_block(p, 0, M, 0, N, 0, K, c, ldc, true, pa, pb);
  }
  // c = the product where `first`, else c + the product, by way of `sum`.
  void add_product(bool first, int64_t M, int64_t N, int64_t K, const float* left, int64_t lda, bool ta, const float* right, int64_t ldb, float* c,
                   int64_t ldc, float* sum) const {
    if (first) {
      multiply(M, N, K, left, lda, ta, right, ldb, false, c, ldc);
      return;
    }
    multiply(M, N, K, left, lda, ta, right, ldb, false, sum, N);
    for (int64_t m = 0; m < M; ++m)
      for (int64_t c0 = 0; c0 < N; c0 += kLanes)
        store_n(c + m * ldc + c0, add(load_n(c + m * ldc + c0, N - c0), load_n(sum + m * N + c0, N - c0)), N - c0);
  }
};

// bits[j - j0], for keys [j0,j1), 24 random bits as floats; j0 a multiple of 64, `bits` with room for whole batches of 64.
void draw_row(const AttentionInputs<float>& a, int64_t first, int64_t j0, int64_t j1, float* bits) {
  alignas(64) uint32_t words[kPhiloxDraws];
  for (int64_t j = j0; j < j1; j += kPhiloxDraws) {
    philox16((uint64_t)((first + j) / 4), a.random.counter, a.random.seed, a.random.stream, words);
    for (int k = 0; k < kPhiloxDraws; ++k) bits[j - j0 + k] = (float)(int32_t)(words[k] >> 8);
  }
}

// f(head, part, memory) for every part of every head, in parallel; memory has `floats` floats. `products`: how many of Tq·Tk·d.
template <class F>
void each_part(const AttentionInputs<float>& a, int64_t parts, int64_t floats, int64_t products, F f) {
  const AttentionShape& s = a.shape;
  const int64_t tasks = s.N * s.H * parts, open = s.Tk + 2 * kLanes;
  const double work = (double)(s.N * s.H) * (double)s.Tq * (double)s.Tk * (double)(s.dk + s.dv) * (double)products;
  int64_t threads = region_pays(work, kFmaPicoseconds) ? thread_count() : 1;
  if (threads > tasks) threads = tasks;
  if (threads < 1) return;
  const int64_t own = floats + open;
  float* memory = scratch_floats(Slot::kAttention, (size_t)(threads * own));
  float *pa = scratch_floats(Slot::kPackA, (size_t)(threads * kPackAFloats)), *pb = scratch_floats(Slot::kPackB, (size_t)(threads * kPackBFloats));
  auto run = [&](int64_t t, int thread) {
    const int64_t n = t / parts / s.H;
    Head head{a, n, t / parts % s.H, live_keys(a, n), nullptr, pa + thread * kPackAFloats, pb + thread * kPackBFloats};
    float* mine = memory + thread * own;
    if (a.key_mask || a.mask) head.open = mine;
    if (a.key_mask && !a.mask) head.read_open(0);
    f(head, t % parts, mine + open);
  };
  if (threads == 1) {
    for (int64_t t = 0; t < tasks; ++t) run(t, 0);
  } else {
    parallel_each(tasks, [&](int64_t t, int thread) { run(t, thread); });
  }
}

// A row of scores becomes e of the header; returns r, and m.
SARAF_INLINE float exponentials(const Head& head, const Row& row, float* s, float* m) {
  const vec scale = set1(head.a.scale), closed = set1(-__builtin_inff());
  const int64_t live = head.live;
  vec top = closed;
  for (int64_t j = 0; j < live; j += kLanes) {
    const vec z = open_lanes(mul(load(s + j), scale), row, j, closed);
    store(s + j, z);
    top = max(z, top);
  }
  *m = lane_max(top) + 0.0f;
  const vec vm = set1(*m);
  vec sum = zero();
  for (int64_t j = 0; j < live; j += kLanes) {
    const vec e = first_lanes(exp_or_zero(sub(load(s + j), vm)), live - j, zero());
    store(s + j, e);
    sum = add(sum, e);
  }
  return 1.0f / lane_tree(sum);
}

void forward_block(const AttentionForward<float>& f, Head& head, int64_t i0, int64_t i1, float* memory) {
  const AttentionShape& t = f.shape;
  const int64_t live = head.live, lds = row_stride(t.Tk), rows = i1 - i0;
  float *s = memory, *factor = s + rows * lds, *bits = factor + rows;
  const bool drops = f.threshold > 0;
  const vec below = set1((float)((int32_t)f.threshold - 1));
  head.scores(i0, i1, 0, live, s, lds);
  for (int64_t i = i0; i < i1; ++i) {
    float* e = s + (i - i0) * lds;
    const Row row = head.row_of(i);
    const bool any = Head::any(row);
    float m = 0, r = 0;
    if (any) {
      r = exponentials(head, row, e, &m);
    } else {
      for (int64_t j = 0; j < live; j += kLanes) store(e + j, set1(t.uniform ? 1.0f : 0.0f));
      if (t.uniform) r = 1.0f / (float)t.Tk;
    }
    f.stats[2 * head.row(i)] = m;
    f.stats[2 * head.row(i) + 1] = any ? r : -r;
    if (drops) draw_row(f, first_draw(t, head.n, head.h, i), 0, live, bits);
    if (f.probs) {
      float* probs = f.probs + head.row(i) * t.Tk;
      const bool dropped = drops && t.dropped_probs;
      for (int64_t j = 0; j < live; j += kLanes) {
        vec p = mul(load(e + j), set1(r));
        if (dropped) p = select(gt(load(bits + j), below), mul(p, set1(f.keep_scale)), zero());
        store_n(probs + j, p, live - j);
      }
      for (int64_t j = live; j < t.Tk; j += kLanes) store_n(probs + j, zero(), t.Tk - j);
    }
    if (drops)
      for (int64_t j = 0; j < live; j += kLanes) store(e + j, select(gt(load(bits + j), below), load(e + j), zero()));
    factor[i - i0] = r * f.keep_scale;
  }
  const int64_t ldy = t.H * t.dv;
  head.multiply(rows, t.dv, live, s, lds, false, head.v(0), t.ldv, false, f.y + head.y(i0), ldy);
  for (int64_t i = i0; i < i1; ++i) {
    float* y = f.y + head.y(i);
    const bool silent = silenced(f, head.n, i);
    const vec r = set1(factor[i - i0]);
    for (int64_t c = 0; c < t.dv; c += kLanes) store_n(y + c, silent ? zero() : mul(load_n(y + c, t.dv - c), r), t.dv - c);
  }
}

// Rows i of a block: from scores s and g = dy·vᵀ the probabilities after dropout (into s) and ds (into g).
struct BlockRow {
  float m, r, D;
  bool closed, silent;
};
SARAF_INLINE void backward_row(const AttentionBackward<float>& b, const Row& row, const BlockRow& w, const float* bits, const float* dprobs,
                               int64_t j0, int64_t j1, float* s, float* g) {
  const AttentionShape& t = b.shape;
  const vec scale = set1(b.scale), keep_scale = set1(b.keep_scale), m = set1(w.m), r = set1(w.r), D = set1(w.D);
  const vec below = set1((float)((int32_t)b.threshold - 1)), closed = set1(-__builtin_inff());
  for (int64_t j = j0; j < j1; j += kLanes, s += kLanes, g += kLanes) {
    const vec z = open_lanes(mul(load(s), scale), row, j, closed);
    const vec p = w.closed ? r : mul(exp_or_zero(sub(z, m)), r);
    vec dp = w.silent ? zero() : load(g);
    vec pd = mul(p, keep_scale);
    const vec extra = dprobs ? load_n(dprobs + j, j1 - j) : zero();
    if (dprobs && t.dropped_probs) dp = add(dp, extra);
    dp = mul(dp, keep_scale);
    if (bits) {
      const msk kept = gt(load(bits + j - j0), below);
      dp = select(kept, dp, zero());
      pd = select(kept, pd, zero());
    }
    if (dprobs && !t.dropped_probs) dp = add(dp, extra);
    store(s, w.silent ? zero() : pd);
    store(g, w.closed && !t.uniform_gradient ? zero() : mul(mul(p, sub(dp, D)), scale));
  }
}

void backward_head(const AttentionBackward<float>& b, Head& head, int64_t block_rows, int64_t block_keys, float* memory) {
  const AttentionShape& t = b.shape;
  const int64_t live = head.live, lds = row_stride(block_keys), ldy = t.H * t.dv;
  float *s = memory, *g = s + block_rows * lds, *sum = g + block_rows * lds;
  const int64_t widest = t.dk > t.dv ? t.dk : t.dv, longest = block_rows > block_keys ? block_rows : block_keys;
  float* bits = sum + longest * widest;
  BlockRow* rows = reinterpret_cast<BlockRow*>(bits + block_keys + kPhiloxDraws);
  const bool drops = b.threshold > 0;
  auto at = [&](float* base, int64_t step, int64_t i, int64_t ld, int64_t d) { return base + (head.n * step + i) * ld + head.h * d; };
  for (int64_t i0 = 0; i0 < t.Tq;) {
    const int64_t i1 = i0 + next_chunk(t.Tq - i0), count = i1 - i0;
    for (int64_t i = i0; i < i1; ++i) {
      const float mark = b.stats[2 * head.row(i) + 1];
      BlockRow w{b.stats[2 * head.row(i)], mark < 0 ? -mark : mark, 0, mark < 0, silenced(b, head.n, i)};
      if (!w.silent) {
        vec lane = zero();
        for (int64_t c = 0; c < t.dv; c += kLanes) lane = fma(load_n(b.dy + head.y(i) + c, t.dv - c), load_n(b.y + head.y(i) + c, t.dv - c), lane);
        w.D = lane_tree(lane);
      }
      if (b.dprobs) {
        const float *dp = b.dprobs + head.row(i) * t.Tk, *p = b.probs + head.row(i) * t.Tk;
        vec lane = zero();
        for (int64_t j = 0; j < t.Tk; j += kLanes) lane = fma(load_n(dp + j, t.Tk - j), load_n(p + j, t.Tk - j), lane);
        w.D = w.D + lane_tree(lane);
      }
      rows[i - i0] = w;
    }
    for (int64_t j0 = 0; j0 < live;) {
      const int64_t j1 = j0 + next_chunk(live - j0), keys = j1 - j0;
      head.scores(i0, i1, j0, j1, s, lds);
      head.by_columns(count, keys, t.dv, b.dy + head.y(i0), ldy, head.v(j0), t.ldv, g, lds);
      for (int64_t i = i0; i < i1; ++i) {
        if (drops) draw_row(b, first_draw(t, head.n, head.h, i), j0, j1, bits);
        const Row row = head.row_of(i);
        float* ds = g + (i - i0) * lds;
        backward_row(b, row, rows[i - i0], drops ? bits : nullptr, b.dprobs ? b.dprobs + head.row(i) * t.Tk : nullptr, j0, j1,
                     s + (i - i0) * lds, ds);
        if (b.dscores)
          for (int64_t j = 0; j < keys; j += kLanes) store_n(b.dscores + head.row(i) * t.Tk + j0 + j, load(ds + j), keys - j);
      }
      head.add_product(i0 == 0, keys, t.dv, count, s, lds, true, b.dy + head.y(i0), ldy, at(b.dv, t.Tk, j0, t.ldv, t.dv), t.ldv, sum);
      if (b.dq) {
        head.add_product(i0 == 0, keys, t.dk, count, g, lds, true, head.q(i0), t.ldq, at(b.dk, t.Tk, j0, t.ldk, t.dk), t.ldk, sum);
        head.add_product(j0 == 0, count, t.dk, keys, g, lds, false, head.k(j0), t.ldk, at(b.dq, t.Tq, i0, t.ldq, t.dk), t.ldq, sum);
      }
      j0 = j1;
    }
    i0 = i1;
  }
  auto clear = [](float* to, int64_t n) {
    for (int64_t c = 0; c < n; c += kLanes) store_n(to + c, zero(), n - c);
  };
  for (int64_t j = t.Tq == 0 ? 0 : live; j < t.Tk; ++j) {
    clear(at(b.dv, t.Tk, j, t.ldv, t.dv), t.dv);
    if (b.dk) clear(at(b.dk, t.Tk, j, t.ldk, t.dk), t.dk);
  }
  for (int64_t i = 0; i < t.Tq; ++i) {
    if (b.dscores) clear(b.dscores + head.row(i) * t.Tk + live, t.Tk - live);
    if (b.dq && live == 0) clear(at(b.dq, t.Tq, i, t.ldq, t.dk), t.dk);
  }
}

}  // namespace

void f32_attention_fwd(const AttentionForward<float>& f) {
  SARAF_MARK(f32_attention_fwd);
  const AttentionShape& s = f.shape;
  const int64_t lds = row_stride(s.Tk);
  int64_t rows = kBlockFloats / (lds > 0 ? lds : 1) / 14 * 14;
  if (rows < 14) rows = 14;
  const int64_t parts = s.Tq <= rows ? 1 : (s.Tq + rows - 1) / rows;
  if (parts == 1) rows = s.Tq;
  each_part(f, parts, rows * (lds + 1) + s.Tk + kPhiloxDraws, 1, [&](Head& head, int64_t part, float* memory) {
    forward_block(f, head, s.Tq * part / parts, s.Tq * (part + 1) / parts, memory);
  });
}

void f32_attention_bwd(const AttentionBackward<float>& b) {
  SARAF_MARK(f32_attention_bwd);
  const AttentionShape& s = b.shape;
  auto longest_chunk = [](int64_t n) { return n <= kMaxChunk ? n : kMaxChunk; };
  const int64_t rows = longest_chunk(s.Tq), keys = longest_chunk(s.Tk), widest = s.dk > s.dv ? s.dk : s.dv;
  const int64_t floats = 2 * rows * row_stride(keys) + (rows > keys ? rows : keys) * widest + keys + kPhiloxDraws +
                         rows * (int64_t)(sizeof(BlockRow) / sizeof(float));
  each_part(b, 1, floats, 3, [&](Head& head, int64_t, float* memory) { backward_head(b, head, rows, keys, memory); });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

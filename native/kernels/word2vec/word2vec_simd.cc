#include "core/marks.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "isa/lanes.h"
#include "isa/vmath.h"
#include "kernels/word2vec/word2vec.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

using Windows = Word2VecWindows;
using Tables = Word2VecTables<float>;

// Rows of a tile of scores, and targets: what the registers hold.
#if defined(SARAF_ISA_AVX512)
constexpr int kTileRows = 4;
#else
constexpr int kTileRows = 2;
#endif
constexpr int kTileTargets = 3;
constexpr int kColumnTargets = 6;
// A multiply-add of a window, as one thread does it, memory included.
constexpr int64_t kPicoseconds = 60;

// The rows of one window by pointer; absent targets are left out, `slot` says where each stands in its line of g. In the arena of the
// calling thread's stack: the caller has checked the sizes.
struct Rows {
  float* x[2 * kWord2VecReach];
  float* w[kWord2VecTargets];
  int slot[kWord2VecTargets];
  int n = 0, m = 0;

  Rows(const Windows& windows, const Tables& tables, int64_t i) {
    for (int64_t p = windows.first[i]; p < windows.last[i]; ++p)
      if (p != windows.centre[i]) x[n++] = tables.in + windows.words[p] * tables.D;
    const int32_t* targets = windows.targets + i * (windows.negative + 1);
    for (int64_t j = 0; j <= windows.negative; ++j) {
      if (targets[j] < 0) continue;
      slot[m] = (int)j;
      w[m++] = tables.out + targets[j] * tables.D;
    }
  }
};

template <int R, int C>
SARAF_INLINE void tile(float* const* x, float* const* w, int64_t D, const int* slot, float* scores, int64_t line) {
  vec s[R][C];
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) s[r][c] = zero();
  for (int64_t d = 0; d < D; d += kLanes) {
    vec a[C];
    for (int c = 0; c < C; ++c) a[c] = load(w[c] + d);
    for (int r = 0; r < R; ++r) {
      const vec b = load(x[r] + d);
      for (int c = 0; c < C; ++c) s[r][c] = fma(b, a[c], s[r][c]);
    }
  }
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) scores[r * line + slot[c]] = lane_tree(s[r][c]);
}

template <int R>
SARAF_INLINE void tile_line(const Rows& rows, float* const* x, int64_t D, float* scores, int64_t line) {
  int j = 0;
  for (; j + kTileTargets <= rows.m; j += kTileTargets) tile<R, kTileTargets>(x, rows.w + j, D, rows.slot + j, scores, line);
  for (; j < rows.m; ++j) tile<R, 1>(x, rows.w + j, D, rows.slot + j, scores, line);
}

// Asks for what a window reads and the one before it did not: its targets and the word that it comes nearer to.
SARAF_INLINE void ahead(const Windows& windows, const Tables& tables, int64_t i) {
  const auto row = [&](const float* p) {
    for (int64_t d = 0; d < tables.D; d += kWord2VecColumns) __builtin_prefetch(p + d);
  };
  row(tables.in + windows.words[windows.last[i] - 1] * tables.D);
  const int32_t* targets = windows.targets + i * (windows.negative + 1);
  for (int64_t j = 0; j <= windows.negative; ++j)
    if (targets[j] >= 0) row(tables.out + targets[j] * tables.D);
}

// g of `lines` lines from their scores, in place, and the loss. Absent targets give 0.
void gradients(const Rows& rows, int64_t lines, int64_t line, const float* labels, float rate, float* g, float* loss) {
  if (loss) {
    float sum = 0;
    for (int64_t i = 0; i < lines; ++i)
      for (int k = 0; k < rows.m; ++k) {
        const float s = g[i * line + rows.slot[k]], t = rows.slot[k] == 0 ? s : -s;
        sum = sum + -first_lane(vlog(vsigmoid(set1(t < -80.0f ? -80.0f : t))));
      }
    *loss = sum;
  }
  const int64_t count = lines * line;
  for (int64_t k = 0; k < count; k += kLanes)
    store_n(g + k, mul(set1(rate), sub(load(labels + k), vsigmoid(load_n(g + k, count - k)))), count - k);
  if (rows.m == line) return;
  for (int64_t j = 0, k = 0; j < line; ++j) {
    if (k < rows.m && rows.slot[k] == j) {
      ++k;
      continue;
    }
    for (int64_t i = 0; i < lines; ++i) g[i * line + j] = 0;
  }
}

// Column sums of g·x for C targets.
template <int C>
SARAF_INLINE void target_changes(const Rows& rows, const int* slot, const float* g, int64_t line, int64_t d, vec* change) {
  vec a[C];
  for (int c = 0; c < C; ++c) a[c] = zero();
  for (int i = 0; i < rows.n; ++i) {
    const vec x = load(rows.x[i] + d);
    for (int c = 0; c < C; ++c) a[c] = fma(set1(g[i * line + slot[c]]), x, a[c]);
  }
  for (int c = 0; c < C; ++c) change[c] = a[c];
}

SARAF_INLINE void change_columns(const Rows& rows, const float* g, int64_t line, int64_t d) {
  vec change[kWord2VecTargets];
  int j = 0;
  for (; j + kColumnTargets <= rows.m; j += kColumnTargets) target_changes<kColumnTargets>(rows, rows.slot + j, g, line, d, change + j);
  for (; j < rows.m; ++j) target_changes<1>(rows, rows.slot + j, g, line, d, change + j);
  for (int i = 0; i < rows.n; ++i) {
    vec x = load(rows.x[i] + d);
    for (int k = 0; k < rows.m; ++k) x = fma(set1(g[i * line + rows.slot[k]]), load(rows.w[k] + d), x);
    store(rows.x[i] + d, x);
  }
  for (int k = 0; k < rows.m; ++k) store(rows.w[k] + d, add(load(rows.w[k] + d), change[k]));
}

SARAF_INLINE vec mean_of(const Rows& rows, int64_t d, vec share) {
  vec sum = zero();
  for (int i = 0; i < rows.n; ++i) sum = add(sum, load(rows.x[i] + d));
  return mul(sum, share);
}

SARAF_INLINE void change_columns_cbow(const Rows& rows, const float* g, int64_t d) {
  const vec h = mean_of(rows, d, set1(1.0f / (float)rows.n));
  vec e = zero();
  for (int k = 0; k < rows.m; ++k) e = fma(set1(g[rows.slot[k]]), load(rows.w[k] + d), e);
  for (int k = 0; k < rows.m; ++k) store(rows.w[k] + d, fma(set1(g[rows.slot[k]]), h, load(rows.w[k] + d)));
  for (int i = 0; i < rows.n; ++i) store(rows.x[i] + d, add(load(rows.x[i] + d), e));
}

// lines: of g for each window.
template <class Score, class Change>
void in_batches(const Windows& windows, const Tables& tables, int64_t lines, Score score, Change change) {
  const int64_t line = windows.negative + 1, size = lines * line;
  // A window has about half of its widest context, and in either half of a batch as many multiply-adds as scores, or twice.
  const int64_t grain = region_grain(kPicoseconds * tables.D * (size + 1) / 2);
  float* labels = scratch_floats(Slot::kWord2Vec, (size_t)(windows.batch * size + size + kLanes));
  float* g = labels + size + kLanes;
  for (int64_t k = 0; k < size + kLanes; ++k) labels[k] = k % line == 0 ? 1.0f : 0.0f;
  for (int64_t from = 0; from < windows.count; from += windows.batch) {
    const int64_t count = windows.count - from < windows.batch ? windows.count - from : windows.batch;
    parallel_for(count, grain, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        if (i + 1 < end) ahead(windows, tables, from + i + 1);
        score(Rows(windows, tables, from + i), from + i, labels, g + i * size);
      }
    });
    if (!windows.rate) continue;
    const auto columns = [&](int64_t begin, int64_t end, int) {
      for (int64_t i = 0; i < count; ++i) {
        const Rows rows(windows, tables, from + i);
        for (int64_t d = begin * kWord2VecColumns; d < end * kWord2VecColumns; d += kLanes) change(rows, g + i * size, d);
      }
    };
    parallel_for(tables.D / kWord2VecColumns, count <= grain ? tables.D : 1, columns);
  }
}

}  // namespace

void f32_skip_gram(const Windows& windows, const Tables& tables, float* loss) {
  SARAF_MARK(f32_skip_gram);
  const int64_t D = tables.D, line = windows.negative + 1;
  in_batches(
      windows, tables, 2 * windows.reach,
      [=](const Rows& rows, int64_t i, const float* labels, float* g) {
        int r = 0;
        for (; r + kTileRows <= rows.n; r += kTileRows) tile_line<kTileRows>(rows, rows.x + r, D, g + r * line, line);
        for (; r < rows.n; ++r) tile_line<1>(rows, rows.x + r, D, g + r * line, line);
        gradients(rows, rows.n, line, labels, windows.rate ? windows.rate[i] : 0.0f, g, loss ? loss + i : nullptr);
      },
      [=](const Rows& rows, const float* g, int64_t d) { change_columns(rows, g, line, d); });
}

void f32_cbow(const Windows& windows, const Tables& tables, float* loss) {
  SARAF_MARK(f32_cbow);
  const int64_t D = tables.D, line = windows.negative + 1;
  in_batches(
      windows, tables, 1,
      [=](const Rows& rows, int64_t i, const float* labels, float* g) {
        alignas(64) float h[kWord2VecWidth];
        float* x = h;
        for (int64_t d = 0; d < D; d += kLanes) store(h + d, mean_of(rows, d, set1(1.0f / (float)rows.n)));
        tile_line<1>(rows, &x, D, g, line);
        gradients(rows, 1, line, labels, windows.rate ? windows.rate[i] : 0.0f, g, loss ? loss + i : nullptr);
      },
      [=](const Rows& rows, const float* g, int64_t d) { change_columns_cbow(rows, g, d); });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

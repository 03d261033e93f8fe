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

// Half of the rows of one window by pointer; absent targets are left out, `slot` says where each stands in its line of g. In the arena of
// the calling thread's stack: the caller has checked the sizes.
struct Rows {
  float* x[2 * kWord2VecReach];
  float* w[kWord2VecTargets];
  int slot[kWord2VecTargets];
  int n = 0, m = 0;

  Rows(const Windows& windows, const Tables& tables, int64_t i, int half) {
    for (int64_t p = windows.first[i]; p < windows.last[i]; ++p)
      if (p != windows.centre[i]) x[n++] = tables.row(tables.in, windows.words[p], half);
    const int32_t* targets = windows.targets + i * (windows.negative + 1);
    for (int64_t j = 0; j <= windows.negative; ++j) {
      if (targets[j] < 0) continue;
      slot[m] = (int)j;
      w[m++] = tables.row(tables.out, targets[j], half);
    }
  }
};

// Columns of a row, from a multiple of kLanes to another.
struct Columns {
  int64_t begin, end;
};

template <int R, int C>
SARAF_INLINE void tile(float* const* x, float* const* w, Columns columns, const int* slot, float* scores, int64_t line) {
  vec s[R][C];
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) s[r][c] = zero();
  for (int64_t d = columns.begin; d < columns.end; d += kLanes) {
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
SARAF_INLINE void tile_line(const Rows& rows, float* const* x, Columns columns, float* scores, int64_t line) {
  int j = 0;
  for (; j + kTileTargets <= rows.m; j += kTileTargets) tile<R, kTileTargets>(x, rows.w + j, columns, rows.slot + j, scores, line);
  for (; j < rows.m; ++j) tile<R, 1>(x, rows.w + j, columns, rows.slot + j, scores, line);
}

// Asks for what a window reads and the one before it did not: its targets and the word that it comes nearer to.
SARAF_INLINE void ahead(const Windows& windows, const Tables& tables, int64_t i, int half, Columns columns) {
  const auto row = [&](const float* p) {
    for (int64_t d = columns.begin; d < columns.end; d += kWord2VecColumns) __builtin_prefetch(p + d);
  };
  row(tables.row(tables.in, windows.words[windows.last[i] - 1], half));
  const int32_t* targets = windows.targets + i * (windows.negative + 1);
  for (int64_t j = 0; j <= windows.negative; ++j)
    if (targets[j] >= 0) row(tables.row(tables.out, targets[j], half));
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

// Scores, gradients and changes of all batches. `lines`: most rows of scores that a window has.
template <class Mode>
class Batches {
 public:
  Batches(const Windows& windows, const Tables& tables, float* loss)
      : windows_(windows),
        tables_(tables),
        loss_(loss),
        line_(windows.negative + 1),
        size_(Mode::most_lines(windows) * line_),
        own_(whole_lines(size_ + kLanes)),
        stride_(whole_lines(windows.batch * size_ + kLanes)),
        halves_{{0, word2vec_cut(tables.D)}, {word2vec_cut(tables.D), tables.D}} {
    labels_ = scratch_floats(Slot::kWord2Vec, (size_t)(3 * own_ + 4 * stride_));
    space_ = labels_ + own_;
    for (int64_t k = 0; k < size_ + kLanes; ++k) labels_[k] = k % line_ == 0 ? 1.0f : 0.0f;
  }

  void run() {
    const int64_t batches = (windows_.count + windows_.batch - 1) / windows_.batch;
    // A window has about half of its widest context; multiply-adds of its change are as many as those of its scores, or twice.
    const double cost = 1.5 * (double)kPicoseconds * tables_.D * (size_ + 1) / 2;
    const bool shared = thread_count() > 1 && halves_[1].begin < halves_[1].end && region_pays((double)windows_.batch, cost);
    if (!shared) {
      for (int64_t b = 0; b < batches; ++b) alone(b);
      return;
    }
    // Between two meetings a thread changes its half of the columns by the scores of one batch and computes its share of the next one's.
    for (int64_t b = 0; b <= batches; ++b)
      parallel_for(2, 1, [&](int64_t from, int64_t to, int) {
        for (int64_t half = from; half < to; ++half) {
          if (b > 0) change_half(b - 1, (int)half);
          if (b < batches) score_half(b, (int)half);
        }
      });
  }

 private:
  // What two threads write lies in cache lines of its own, and not in two that are fetched together.
  static int64_t whole_lines(int64_t floats) { return (floats + 31) / 32 * 32; }

  int64_t begin_of(int64_t b) const { return b * windows_.batch; }
  int64_t end_of(int64_t b) const { return begin_of(b) + windows_.batch < windows_.count ? begin_of(b) + windows_.batch : windows_.count; }
  // Scores of a half of the columns in every other batch.
  float* scores(int64_t b, int half) { return space_ + ((b & 1) * 2 + half) * stride_; }

  // Both halves of a window at once: what is found out about it serves both.
  void alone(int64_t b) {
    const int64_t begin = begin_of(b), end = end_of(b);
    float *g = scores(b, 0), *other = scores(b, 1);
    for (int64_t i = begin; i < end; ++i, g += size_) {
      const Rows first(windows_, tables_, i, 0), second(windows_, tables_, i, 1);
      for (int half = 0; half < 2 && i + 1 < end; ++half) ahead(windows_, tables_, i + 1, half, halves_[half]);
      Mode::score(first, halves_[0], g, line_);
      Mode::score(second, halves_[1], other, line_);
      gradients(first, i, g, other, g, true);
    }
    g = scores(b, 0);
    for (int64_t i = begin; windows_.rate && i < end; ++i, g += size_)
      for (int half = 0; half < 2; ++half) change(Rows(windows_, tables_, i, half), half, g);
  }

  void score_half(int64_t b, int half) {
    float* to = scores(b, half);
    for (int64_t i = begin_of(b), end = end_of(b); i < end; ++i, to += size_) {
      if (i + 1 < end) ahead(windows_, tables_, i + 1, half, halves_[half]);
      Mode::score(Rows(windows_, tables_, i, half), halves_[half], to, line_);
    }
  }

  // Both threads make the same gradients from the same scores: fewer instructions than a meeting would take.
  void change_half(int64_t b, int half) {
    if (!windows_.rate && half == 1) return;
    const float *one = scores(b, 0), *two = scores(b, 1);
    float* g = space_ + 4 * stride_ + half * own_;
    for (int64_t i = begin_of(b), end = end_of(b); i < end; ++i, one += size_, two += size_) {
      const Rows rows(windows_, tables_, i, half);
      gradients(rows, i, one, two, g, half == 0);
      if (windows_.rate) change(rows, half, g);
    }
  }

  // g of a window from the two parts of its scores, and the loss if it is wanted `here`. Absent targets give 0.
  void gradients(const Rows& rows, int64_t i, const float* one, const float* two, float* g, bool here) {
    const int64_t lines = Mode::lines(rows), count = lines * line_;
    for (int64_t k = 0; k < count; k += kLanes) store_n(g + k, add(load_n(one + k, count - k), load_n(two + k, count - k)), count - k);
    if (loss_ && here) loss_[i] = loss_of(rows, lines, g);
    const vec rate = set1(windows_.rate ? windows_.rate[i] : 0.0f);
    for (int64_t k = 0; k < count; k += kLanes)
      store_n(g + k, mul(rate, sub(load(labels_ + k), vsigmoid(load_n(g + k, count - k)))), count - k);
    if (rows.m == line_) return;
    for (int64_t j = 0, k = 0; j < line_; ++j) {
      if (k < rows.m && rows.slot[k] == j) {
        ++k;
        continue;
      }
      for (int64_t l = 0; l < lines; ++l) g[l * line_ + j] = 0;
    }
  }

  float loss_of(const Rows& rows, int64_t lines, const float* scores) const {
    float sum = 0;
    for (int64_t l = 0; l < lines; ++l)
      for (int k = 0; k < rows.m; ++k) {
        const float s = scores[l * line_ + rows.slot[k]], t = rows.slot[k] == 0 ? s : -s;
        sum = sum + -first_lane(vlog(vsigmoid(set1(t < -80.0f ? -80.0f : t))));
      }
    return sum;
  }

  void change(const Rows& rows, int half, const float* g) {
    for (int64_t d = halves_[half].begin; d < halves_[half].end; d += kLanes) Mode::change(rows, g, line_, d);
  }

  const Windows& windows_;
  const Tables& tables_;
  float* loss_;
  const int64_t line_, size_, own_, stride_;
  const Columns halves_[2];
  float *labels_, *space_;
};

struct SkipGram {
  static int64_t most_lines(const Windows& windows) { return 2 * windows.reach; }
  static int64_t lines(const Rows& rows) { return rows.n; }
  SARAF_INLINE void score(const Rows& rows, Columns columns, float* scores, int64_t line) {
    int r = 0;
    for (; r + kTileRows <= rows.n; r += kTileRows) tile_line<kTileRows>(rows, rows.x + r, columns, scores + r * line, line);
    for (; r < rows.n; ++r) tile_line<1>(rows, rows.x + r, columns, scores + r * line, line);
  }
  SARAF_INLINE void change(const Rows& rows, const float* g, int64_t line, int64_t d) { change_columns(rows, g, line, d); }
};

struct Cbow {
  static int64_t most_lines(const Windows&) { return 1; }
  static int64_t lines(const Rows&) { return 1; }
  SARAF_INLINE void score(const Rows& rows, Columns columns, float* scores, int64_t line) {
    alignas(64) float h[kWord2VecWidth];
    float* x = h;
    for (int64_t d = columns.begin; d < columns.end; d += kLanes) store(h + d, mean_of(rows, d, set1(1.0f / (float)rows.n)));
    tile_line<1>(rows, &x, columns, scores, line);
  }
  SARAF_INLINE void change(const Rows& rows, const float* g, int64_t, int64_t d) { change_columns_cbow(rows, g, d); }
};

}  // namespace

void f32_skip_gram(const Windows& windows, const Tables& tables, float* loss) {
  SARAF_MARK(f32_skip_gram);
  Batches<SkipGram>(windows, tables, loss).run();
}

void f32_cbow(const Windows& windows, const Tables& tables, float* loss) {
  SARAF_MARK(f32_cbow);
  Batches<Cbow>(windows, tables, loss).run();
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

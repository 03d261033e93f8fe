#include <type_traits>
#include <vector>

#include "core/marks.h"
#include "core/ref_sum.h"
#include "core/ref_math.h"
#include "kernels/word2vec/word2vec.h"

namespace saraf {
namespace ref {

namespace {

// One row of a table.
template <class T>
struct Row {
  T* half[2] = {nullptr, nullptr};
  int64_t cut = 0;
  T& operator[](int64_t d) const { return half[d < cut ? 0 : 1][d]; }
  bool absent() const { return half[0] == nullptr; }
};

template <class A, class B>
auto dot(const A& a, const B& b, int64_t D) {
  using T = std::remove_reference_t<decltype(b[0])>;
  const int64_t cut = word2vec_cut(D);
  const auto part = [&](int64_t from, int64_t n) { return lane_sum(T(0), n, [&](int64_t d, T s) { return ref_fma(T(a[from + d]), T(b[from + d]), s); }); };
  return part(0, cut) + part(cut, D - cut);
}

template <class T>
T pair_loss(T score, bool positive) {
  const T s = positive ? score : -score;
  return -ref_log(ref_sigmoid(s < T(-80) ? T(-80) : s));
}

template <class T>
struct Rows {
  std::vector<Row<T>> x, w;
  Rows(const Word2VecWindows& windows, const Word2VecTables<T>& tables, int64_t i) {
    for (int64_t p = windows.first[i]; p < windows.last[i]; ++p)
      if (p != windows.centre[i]) x.push_back(row_of(tables, tables.in, windows.words[p]));
    for (int64_t j = 0; j <= windows.negative; ++j) {
      const int32_t target = windows.targets[i * (windows.negative + 1) + j];
      w.push_back(target < 0 ? Row<T>() : row_of(tables, tables.out, target));
    }
  }
  static Row<T> row_of(const Word2VecTables<T>& tables, T* table, int64_t r) {
    return {{tables.row(table, r, 0), tables.row(table, r, 1)}, word2vec_cut(tables.D)};
  }
};

// g of one row of scores, and the loss of its pairs added up.
template <class T, class X>
void gradients(const std::vector<Row<T>>& w, const X& x, int64_t D, T rate, T* g, T* loss) {
  for (size_t j = 0; j < w.size(); ++j) {
    g[j] = 0;
    if (w[j].absent()) continue;
    const T score = dot(x, w[j], D);
    g[j] = rate * (T(j == 0 ? 1 : 0) - ref_sigmoid(score));
    if (loss) *loss = *loss + pair_loss(score, j == 0);
  }
}

template <class T>
void mean_of(const std::vector<Row<T>>& x, int64_t d, T* h) {
  T sum = 0;
  for (const Row<T>& row : x) sum = sum + row[d];
  *h = sum * (T(1) / T(x.size()));
}

// Scores a batch of windows, then changes the tables window by window.
template <class T, class Score, class Change>
void in_batches(const Word2VecWindows& windows, const Word2VecTables<T>& tables, T* loss, Score score, Change change) {
  std::vector<std::vector<T>> g(windows.batch);
  for (int64_t begin = 0; begin < windows.count; begin += windows.batch) {
    const int64_t end = begin + windows.batch < windows.count ? begin + windows.batch : windows.count;
    for (int64_t i = begin; i < end; ++i) {
      const Rows<T> rows(windows, tables, i);
      T sum = 0;
      g[i - begin] = score(rows, windows.rate ? T(windows.rate[i]) : T(0), &sum);
      if (loss) loss[i] = sum;
    }
    for (int64_t i = begin; windows.rate && i < end; ++i) change(Rows<T>(windows, tables, i), g[i - begin].data());
  }
}

template <class T>
void skip_gram(const Word2VecWindows& windows, const Word2VecTables<T>& tables, T* loss) {
  const int64_t D = tables.D, m = windows.negative + 1;
  in_batches(
      windows, tables, loss,
      [=](const Rows<T>& rows, T rate, T* sum) {
        std::vector<T> g(rows.x.size() * m);
        for (size_t i = 0; i < rows.x.size(); ++i) gradients(rows.w, rows.x[i], D, rate, &g[i * m], sum);
        return g;
      },
      [=](const Rows<T>& rows, const T* g) {
        for (int64_t d = 0; d < D; ++d) {
          std::vector<T> a(m), w(m);
          for (int64_t j = 0; j < m; ++j) {
            if (rows.w[j].absent()) continue;
            w[j] = rows.w[j][d];
            for (size_t i = 0; i < rows.x.size(); ++i) a[j] = ref_fma(g[i * m + j], rows.x[i][d], a[j]);
          }
          for (size_t i = 0; i < rows.x.size(); ++i)
            for (int64_t j = 0; j < m; ++j)
              if (!rows.w[j].absent()) rows.x[i][d] = ref_fma(g[i * m + j], w[j], rows.x[i][d]);
          for (int64_t j = 0; j < m; ++j)
            if (!rows.w[j].absent()) rows.w[j][d] = rows.w[j][d] + a[j];
        }
      });
}

template <class T>
void cbow(const Word2VecWindows& windows, const Word2VecTables<T>& tables, T* loss) {
  const int64_t D = tables.D, m = windows.negative + 1;
  in_batches(
      windows, tables, loss,
      [=](const Rows<T>& rows, T rate, T* sum) {
        std::vector<T> h(D), g(m);
        for (int64_t d = 0; d < D; ++d) mean_of(rows.x, d, &h[d]);
        gradients(rows.w, h, D, rate, g.data(), sum);
        return g;
      },
      [=](const Rows<T>& rows, const T* g) {
        for (int64_t d = 0; d < D; ++d) {
          T h, e = 0;
          mean_of(rows.x, d, &h);
          for (int64_t j = 0; j < m; ++j)
            if (!rows.w[j].absent()) e = ref_fma(g[j], rows.w[j][d], e);
          for (int64_t j = 0; j < m; ++j)
            if (!rows.w[j].absent()) rows.w[j][d] = ref_fma(g[j], h, rows.w[j][d]);
          for (const Row<T>& row : rows.x) row[d] = row[d] + e;
        }
      });
}

}  // namespace

void f32_skip_gram(const Word2VecWindows& windows, const Word2VecTables<float>& tables, float* loss) {
  SARAF_MARK(f32_skip_gram);
  skip_gram(windows, tables, loss);
}
void f64_skip_gram(const Word2VecWindows& windows, const Word2VecTables<double>& tables, double* loss) { skip_gram(windows, tables, loss); }
void f32_cbow(const Word2VecWindows& windows, const Word2VecTables<float>& tables, float* loss) {
  SARAF_MARK(f32_cbow);
  cbow(windows, tables, loss);
}
void f64_cbow(const Word2VecWindows& windows, const Word2VecTables<double>& tables, double* loss) { cbow(windows, tables, loss); }

}  // namespace ref
}  // namespace saraf

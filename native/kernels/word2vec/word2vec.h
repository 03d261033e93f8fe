// Word2Vec with negative sampling (Mikolov et al. 2013): skip-gram and CBOW over windows that were drawn beforehand.
//
// A window is a centre, the words about it (its context), and its targets: the centre itself, labelled 1, and words drawn by
// chance, labelled 0. All words of a context share the targets of their window (Ji et al. 2016), so that a window's scores are
// a small product of matrices. Windows are taken in batches: every score of a batch is computed from the
// tables as they are when it begins, then the windows change the tables one after the other, in order. A change works on each
// column by itself, and a score is the sum over one half of the columns plus that over the other, whoever computes them: two
// threads own half of the columns each and exchange nothing but scores. Each half is a table of its own, for what one thread
// reads a processor fetches beyond its end, and would take from the other thread. More threads find nothing to do.
//
// With x the rows of `in` of the context, w those of `out` of the targets, g(i,j) = rate·(label(j) - σ(x(i)·w(j))), and 0 for an
// absent target:
//   skip-gram  w(j) += a(j), a(j) = Σ_i g(i,j)·x(i), and x(i) += Σ_j g(i,j)·w(j), all from the rows before the window
//   CBOW       h = mean of the x; g(j) from h·w(j); e = Σ_j g(j)·w(j); then w(j) += g(j)·h in ascending j, x(i) += e in ascending i
// Order of sums: x·w is the lane sum of order.h over the columns before word2vec_cut(D) plus that over the others. a(j) and e are chains of FMA from zero, x(i) is a chain of FMA from x(i), h a chain of
// adds from zero times 1/n rounded. Absent targets are left out of every chain. A word twice in a window is changed twice.
#pragma once
#include <cstdint>

namespace saraf {

// Rows of the tables are padded to a multiple of this; the padding is 0 and stays so.
constexpr int64_t kWord2VecColumns = 16;
// Most that a call takes: windows in a batch, words on either side of a centre, targets, columns.
constexpr int64_t kWord2VecBatch = 1024, kWord2VecReach = 64, kWord2VecTargets = 64, kWord2VecWidth = 2048;

// Columns of the first half.
static inline int64_t word2vec_cut(int64_t D) { return (D / kWord2VecColumns + 1) / 2 * kWord2VecColumns; }

struct Word2VecWindows {
  const int32_t* words;    // the texts, one after the other, words left out by chance already gone
  const int32_t* centre;   // (count) positions in words
  const int32_t* first;    // (count) the context is words[first … last) but the centre
  const int32_t* last;     // (count)
  const int32_t* targets;  // (count, 1 + negative): the centre's word, then the others; -1: absent
  const float* rate;       // (count); null: nothing is changed, only the loss is computed
  int64_t count, negative;
  int64_t reach;  // most words on either side
  int64_t batch;  // windows: scores are as old as its beginning, so no word should occur often within one
};

template <class T>
struct Word2VecTables {
  T* in;   // (V,cut), then (V,D-cut): the vectors that are wanted
  T* out;  // likewise: the vectors of words as targets
  int64_t V, D;

  // Where the columns of a half of a row of either table lie: column d is p[d].
  T* row(T* table, int64_t r, int half) const {
    const int64_t cut = word2vec_cut(D);
    return half == 0 ? table + r * cut : table + (V - 1) * cut + r * (D - cut);
  }
};

// Loss of a window: Σ -ln σ(±x·w) over its pairs, the sign + for the centre; scores below -80 count as -80. A chain of adds in
// ascending i, then j. null: not wanted.
namespace ref {
void f32_skip_gram(const Word2VecWindows& windows, const Word2VecTables<float>& tables, float* loss);
void f64_skip_gram(const Word2VecWindows& windows, const Word2VecTables<double>& tables, double* loss);
void f32_cbow(const Word2VecWindows& windows, const Word2VecTables<float>& tables, float* loss);
void f64_cbow(const Word2VecWindows& windows, const Word2VecTables<double>& tables, double* loss);
}  // namespace ref

}  // namespace saraf

// Word2Vec.
#include <string>

#include "addon/args.h"
#include "core/scratch.h"
#include "isa/kernel_table.h"
#include "kernels/word2vec/windows.h"
#include "kernels/word2vec/word2vec.h"

namespace saraf {

namespace {

int64_t between(const Args& a, int i, const char* name, int64_t low, int64_t high) {
  const int64_t v = a.count(i, name);
  if (v < low || v > high)
    a.fail("ERR_ARG", std::string("expected ") + name + " in [" + std::to_string(low) + "," + std::to_string(high) + "], received " + std::to_string(v));
  return v;
}

uint32_t word(const Args& a, int i, const char* name) { return (uint32_t)between(a, i, name, 0, 0xffffffffLL); }

void check_ids(const Args& a, const char* name, const int32_t* ids, int64_t count, int64_t V) {
  for (int64_t i = 0; i < count; ++i)
    if (ids[i] < 0 || ids[i] >= V)
      a.fail("ERR_DATA", std::string("expected ") + name + " in [0," + std::to_string(V) + "), received " + std::to_string(ids[i]) + " at position " +
                             std::to_string(i));
}

void check_ends(const Args& a, const int32_t* ends, int64_t sentences, int64_t count) {
  int64_t before = 0;
  for (int64_t s = 0; s < sentences; ++s) {
    if (ends[s] < before || ends[s] > count)
      a.fail("ERR_DATA", "expected ends of sentences that ascend up to " + std::to_string(count) + ", received " + std::to_string(ends[s]) +
                             " at position " + std::to_string(s));
    before = ends[s];
  }
  if (before != count) a.fail("ERR_DATA", "expected the last sentence to end at " + std::to_string(count) + ", received " + std::to_string(before));
}

template <class T>
void run(const Word2VecWindows& windows, const Word2VecTables<T>& tables, bool cbow, T* loss) {
  if constexpr (sizeof(T) == 8) (cbow ? ref::f64_cbow : ref::f64_skip_gram)(windows, tables, loss);
  else (cbow ? kernels().f32_cbow : kernels().f32_skip_gram)(windows, tables, loss);
}

// word2vec(cbow, words, ends, keep, chance, alias, in, out, columns, window, negative, seed, epoch, position, total, firstRate,
//          lastRate, totals, wantsLoss, batch)
// A piece of text once. words: int32, ends: int32 per sentence; keep, chance: uint32 as int32 (V); in, out: (V,columns) in halves, columns a
// multiple of 16. firstRate null: the tables stay. totals: float64 (3), to which windows, pairs and loss are added.
void word2vec(Args& a) {
  const bool cbow = a.boolean(0, "cbow"), wants_loss = a.boolean(18, "wantsLoss");
  const int64_t count = a.length(1, "words"), sentences = a.length(2, "ends"), V = a.length(3, "keep");
  const int64_t D = between(a, 8, "columns", kWord2VecColumns, kWord2VecWidth);
  if (D % kWord2VecColumns != 0) a.fail("ERR_SHAPE", "expected columns to be a multiple of 16, received " + std::to_string(D));
  if (count > 0x3fffffff) a.fail("ERR_SHAPE", "expected less than 2^30 words in a call, received " + std::to_string(count));
  Word2VecText text{};
  text.words = a.array<int32_t>(1, "words", count);
  text.ends = a.array<int32_t>(2, "ends", sentences);
  text.count = count;
  text.sentences = sentences;
  text.keep = reinterpret_cast<const uint32_t*>(a.array<int32_t>(3, "keep", V));
  text.chance = reinterpret_cast<const uint32_t*>(a.array<int32_t>(4, "chance", V));
  text.alias = a.array<int32_t>(5, "alias", V);
  text.V = V;
  text.reach = between(a, 9, "window", 1, kWord2VecReach);
  text.negative = between(a, 10, "negative", 1, kWord2VecTargets - 1);
  text.batch = between(a, 19, "batch", 1, kWord2VecBatch);
  text.seed = word(a, 11, "seed");
  text.epoch = word(a, 12, "epoch");
  text.position = a.count(13, "position");
  const double total = a.number(14, "total");
  const bool trains = !a.absent(15);
  const double first_rate = trains ? a.number(15, "firstRate") : 0, last_rate = trains ? a.number(16, "lastRate") : 0;
  double* totals = a.array<double>(17, "totals", 3);
  check_ids(a, "words", text.words, count, V);
  check_ids(a, "alias", text.alias, V, V);
  check_ends(a, text.ends, sentences, count);

  const int64_t line = text.negative + 1, floats = count * (trains ? 1 : 0) + (wants_loss ? 2 * count : 0);
  int32_t* space = static_cast<int32_t*>(scratch_bytes(Slot::kWord2VecWindows, (size_t)(count * (4 + line) + floats + 16) * sizeof(int32_t)));
  float* rest = reinterpret_cast<float*>(space + (count * (4 + line) + 1) / 2 * 2);
  by_float_type(a, 6, [&](auto zero) {
    using T = decltype(zero);
    const Word2VecTables<T> tables{a.array<T>(6, "in", V * D), a.array<T>(7, "out", V * D), V, D};
    const Word2VecSpace where{space, space + count, space + 2 * count, space + 3 * count, space + 4 * count, trains ? rest + 2 * count * wants_loss : nullptr};
    const Word2VecWindows windows = draw_windows(text, where, first_rate, last_rate, total);
    T* loss = wants_loss ? reinterpret_cast<T*>(rest) : nullptr;
    run(windows, tables, cbow, loss);
    for (int64_t i = 0; i < windows.count; ++i) {
      int64_t targets = 0;
      for (int64_t j = 0; j < line; ++j) targets += windows.targets[i * line + j] >= 0;
      totals[1] += (double)(cbow ? targets : targets * (windows.last[i] - windows.first[i] - 1));
      if (loss) totals[2] += (double)loss[i];
    }
    totals[0] += (double)windows.count;
  });
}

}  // namespace

extern const Binding bindings_word2vec[] = {
    {"word2vec", word2vec},
    {nullptr, nullptr},
};

}  // namespace saraf

#include "kernels/word2vec/windows.h"

#include "core/parallel.h"
#include "core/rng.h"

namespace saraf {

namespace {

// Streams of the generator.
constexpr uint32_t kKeepStream = 0x77326b, kWindowStream = 0x773277;
// Spare draws for words that are the centre itself.
constexpr int64_t kSpare = 2;

}  // namespace

Word2VecWindows draw_windows(const Word2VecText& text, const Word2VecSpace& space, double first_rate, double last_rate, double total) {
  const int64_t blocks = (1 + text.negative + kSpare + 3) / 4, line = text.negative + 1;
  int64_t kept = 0, count = 0, begin = 0;
  for (int64_t s = 0; s < text.sentences; ++s) {
    const int64_t start = kept;
    PhiloxBlock draw{};
    uint64_t drawn = ~0ull;
    for (int64_t i = begin; i < text.ends[s]; ++i) {
      const uint64_t at = (uint64_t)(text.position + i);
      if (at / 4 != drawn) draw = philox(drawn = at / 4, text.epoch, text.seed, kKeepStream);
      if (draw.word[at % 4] > text.keep[text.words[i]]) continue;
      space.words[kept] = text.words[i];
      space.last[kept++] = (int32_t)i;  // for now: where it stood
    }
    // A word alone has no context.
    if (kept - start == 1) kept = start;
    for (int64_t i = start; i < kept; ++i) {
      space.centre[count] = (int32_t)i;
      space.first[count] = (int32_t)start;
      space.targets[count++ * line] = (int32_t)kept;  // for now: where its sentence ends
    }
    begin = text.ends[s];
  }
  // Windows and kept words are the same in number and order.
  parallel_for(count, 1024, [&](int64_t from, int64_t to, int) {
    for (int64_t i = from; i < to; ++i) {
      const int64_t stood = text.position + space.last[i], start = space.first[i], stop = space.targets[i * line];
      const int32_t centre = space.words[i];
      int32_t* targets = space.targets + i * line;
      targets[0] = centre;
      int64_t found = 1, reach = 0;
      for (int64_t b = 0; b < blocks; ++b) {
        const PhiloxBlock draw = philox((uint64_t)(stood * blocks + b), text.epoch, text.seed, kWindowStream);
        for (int w = 0; w < 4; ++w) {
          const uint64_t scaled = (uint64_t)draw.word[w] * (uint64_t)(b == 0 && w == 0 ? text.reach : text.V);
          if (b == 0 && w == 0) {
            reach = 1 + (int64_t)(scaled >> 32);
            continue;
          }
          const int64_t v = (int64_t)(scaled >> 32);
          const int32_t other = (uint32_t)scaled < text.chance[v] ? (int32_t)v : text.alias[v];
          if (found < line && other != centre) targets[found++] = other;
        }
      }
      while (found < line) targets[found++] = -1;
      space.first[i] = (int32_t)(i - reach > start ? i - reach : start);
      space.last[i] = (int32_t)(i + reach + 1 < stop ? i + reach + 1 : stop);
      if (space.rate) space.rate[i] = (float)(first_rate + (last_rate - first_rate) * ((double)stood / total));
    }
  });
  return {space.words, space.centre, space.first, space.last, space.targets, space.rate, count, text.negative, text.reach, text.batch};
}

}  // namespace saraf

// The windows of a piece of text, drawn by chance: which words stay, how far a context reaches, which words a centre is compared with.
//
// Draws are those of core/rng.h, by the position of a word in the whole text, its epoch and the seed, so that neither the pieces
// that a text is cut into nor threads change them.
#pragma once
#include <cstdint>

#include "kernels/word2vec/word2vec.h"

namespace saraf {

struct Word2VecText {
  const int32_t* words;  // (count) in [0,V)
  const int32_t* ends;   // (sentences) where each sentence ends, ascending; contexts do not cross
  int64_t count, sentences;
  const uint32_t* keep;    // (V) a word stays where its draw is at most this
  const uint32_t* chance;  // (V) alias table of the words to compare with: column v gives v where the draw's rest is below chance[v],
  const int32_t* alias;    // (V) else alias[v]
  int64_t V;
  int64_t reach, negative, batch;
  uint32_t seed, epoch;
  int64_t position;  // of words[0] in the whole text of an epoch
};

// Memory for the windows of `count` words.
struct Word2VecSpace {
  int32_t *words, *centre, *first, *last, *targets;
  float* rate;
};

// Fills `space` and returns its windows: a window per word that stays and has a context. rate(p) is asked for the position of each
// centre in the whole text; null: none.
Word2VecWindows draw_windows(const Word2VecText& text, const Word2VecSpace& space, double first_rate, double last_rate, double total);

}  // namespace saraf

// Which keys a query may look at. Only `static inline`: compiled for several instruction sets.
#pragma once
#include "kernels/attention/attention.h"

namespace saraf {

// Keys of sequence n that take part in sums: all, or up to the last open one where key_mask alone closes keys.
template <class T>
static inline int64_t live_keys(const AttentionInputs<T>& a, int64_t n) {
  const AttentionShape& s = a.shape;
  const bool rows_close = a.mask || (a.query_mask && !s.mask_output);
  if (!a.key_mask || (s.uniform && (rows_close || s.causal))) return s.Tk;
  const uint8_t* open = a.key_mask + n * s.Tk;
  int64_t live = s.Tk;
  while (live > 0 && !open[live - 1]) --live;
  return live == 0 && s.uniform ? s.Tk : live;
}

// Keys of query i before which all open ones lie.
template <class T>
static inline int64_t key_limit(const AttentionInputs<T>& a, int64_t n, int64_t i, int64_t live) {
  const AttentionShape& s = a.shape;
  if (a.query_mask && !s.mask_output && !a.query_mask[n * s.Tq + i]) return 0;
  return s.causal && i + 1 < live ? i + 1 : live;
}

// Whether y of this query is set to 0.
template <class T>
static inline bool silenced(const AttentionInputs<T>& a, int64_t n, int64_t i) {
  return a.shape.mask_output && a.query_mask && !a.query_mask[n * a.shape.Tq + i];
}

// Number of the first draw of a row of probabilities.
static inline int64_t first_draw(const AttentionShape& s, int64_t n, int64_t h, int64_t i) {
  return ((n * s.H + h) * s.Tq + i) * ((s.Tk + 63) / 64 * 64);
}

}  // namespace saraf

#include "kernels/recurrent/plan.h"

#include "core/scratch.h"

namespace saraf {

RecurrentPlan plan_recurrent(const RecurrentShape& shape, const uint8_t* mask, bool backward) {
  const int64_t N = shape.N, T = shape.T;
  const int64_t numbers = 2 * N + T + 1 + N * T * (backward ? 3 : 1);
  int32_t* memory = static_cast<int32_t*>(scratch_bytes(Slot::kRecurrentIndex, (size_t)numbers * sizeof(int32_t)));
  int32_t *count = memory, *order = count + N, *first = order + N, *time = first + T + 1, *at = time + N * T, *before = at + N * T;
  int64_t steps = 0;
  for (int64_t n = 0; n < N; ++n) {
    int32_t* row = time + n * T;
    int32_t valid = 0;
    if (!mask) {
      for (int64_t s = 0; s < T; ++s) row[s] = (int32_t)(shape.reverse ? T - 1 - s : s);
      valid = (int32_t)T;
    } else {
      for (int64_t p = 0; p < T; ++p) {
        const int64_t t = shape.reverse ? T - 1 - p : p;
        row[valid] = (int32_t)t;
        valid += mask[n * T + t] != 0;
        if (valid == T) break;
      }
    }
    count[n] = valid;
    steps += valid;
  }

  // A stable counting sort: first[c] is where the rows with c steps begin, most steps first.
  for (int64_t c = 0; c <= T; ++c) first[c] = 0;
  for (int64_t n = 0; n < N; ++n) ++first[count[n]];
  int32_t begin = 0;
  for (int64_t c = T; c >= 0; --c) {
    const int32_t rows = first[c];
    first[c] = begin;
    begin += rows;
  }
  for (int64_t n = 0; n < N; ++n) order[first[count[n]]++] = (int32_t)n;

  if (backward) {
    int64_t k = 0;
    for (int64_t n = 0; n < N; ++n) {
      const int32_t valid = count[n], base = (int32_t)(n * T);
      for (int32_t i = 0; i < valid; ++i, ++k) {
        const int32_t s = shape.reverse ? valid - 1 - i : i;
        at[k] = base + time[n * T + s];
        before[k] = s > 0 ? base + time[n * T + s - 1] : -1 - (int32_t)n;
      }
    }
  }
  return {N, T, steps, steps == N * T, count, time, order, backward ? at : nullptr, backward ? before : nullptr};
}

}  // namespace saraf

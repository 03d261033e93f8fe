// Rows that are made and summed by column in one pass: the loop that act_gradient and pool_pairs share.
#pragma once
#include "core/order.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

// db (F, or null) from the sums of each group of rows, a row of `ld` floats per group: added in ascending order.
[[maybe_unused]] static void add_groups(const float* sums, int64_t groups, int64_t ld, int64_t F, float* db) {
  if (!db) return;
  for (int64_t f = 0; f < F; f += kLanes) {
    vec total = load(sums + f);
    for (int64_t g = 1; g < groups; ++g) total = add(total, load(sums + g * ld + f));
    store_n(db + f, total, F - f);
  }
}

// Strips of 16 channels that are made side by side: one alone is a line of memory a row, and the next row's may be pages away,
// where nothing is fetched ahead.
constexpr int kSide = 4;

// make(r, stop, f, strips, chains) makes rows [r, stop) of `strips` <= kSide strips of 16 channels from f on, and adds each value to
// its chain, in order.
template <class Make>
static void make_rows(int64_t rows, int64_t F, float* db, Make make) {
  const int64_t groups = weight_groups(rows, F), strips = (F + kLanes - 1) / kLanes;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * strips * kLanes));
  // A task is a group of rows, or where groups are few a part of its channels.
  const int64_t enough = 2 * thread_count(), cut = groups >= enough ? 1 : strips < enough ? strips : enough;
  parallel_for(groups * cut, 1 + 16384 * cut / (rows / groups * F + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / cut, stop = group_begin(rows, groups, g + 1);
      const int64_t first = strips * (t % cut) / cut, last = strips * (t % cut + 1) / cut;
      float* group = sums + g * strips * kLanes;
      for (int64_t c = first; c < last; ++c) store(group + c * kLanes, zero());
      const int64_t start = group_begin(rows, groups, g);
      for (int64_t r = start, end_of_chunk; r < stop; r = end_of_chunk) {
        end_of_chunk = r + next_chunk(stop - r);
        for (int64_t c = first; c < last; c += kSide) {
          const int count = (int)(last - c < kSide ? last - c : kSide);
          vec chains[kSide];
          for (int i = 0; i < kSide; ++i) chains[i] = zero();
          make(r, end_of_chunk, c * kLanes, count, chains);
          for (int i = 0; i < count; ++i) {
            float* sum = group + (c + i) * kLanes;
            store(sum, r == start ? chains[i] : add(load(sum), chains[i]));
          }
        }
      }
    }
  });
  add_groups(sums, groups, strips * kLanes, F, db);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

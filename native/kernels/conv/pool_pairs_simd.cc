#include "kernels/conv/pool_pairs.h"

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "kernels/conv/pool_pairs_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_pool_pairs_fwd(const ConvShape& s, const float* z, float* y, uint8_t* taps) {
  SARAF_MARK(f32_pool_pairs_fwd);
  const int64_t PH = s.OH / 2, line = s.OW / 2 * s.F;
  parallel_for(s.N * PH, 1 + 4096 / (line + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t l = begin; l < end; ++l)
      pool_line(s, z + (l / PH * s.OH + l % PH * 2) * s.OW * s.F, y + l * line, taps + l * line);
  });
}

void f32_pool_pairs_bwd(const ConvShape& s, const float* y, const uint8_t* taps, const float* dy, float* dz, float* db, Activation act) {
  SARAF_MARK(f32_pool_pairs_bwd);
  const PairGradient gradient{y, taps, dy, act};
  const int64_t rows = s.N * s.OH * s.OW, groups = weight_groups(rows, s.F), strips = (s.F + kLanes - 1) / kLanes;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * strips * kLanes));
  // A task is a group of rows, or where groups are few one strip of 16 channels of it.
  const int64_t cut = groups < 2 * thread_count() ? strips : 1;
  parallel_for(groups * cut, 1 + 16384 * cut / (rows / groups * s.F + 1), [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / cut, stop = group_begin(rows, groups, g + 1);
      const int64_t first = cut == 1 ? 0 : t % cut, last = cut == 1 ? strips : first + 1;
      float* group = sums + g * strips * kLanes;
      for (int64_t c = first; c < last; ++c) store(group + c * kLanes, zero());
      const int64_t start = group_begin(rows, groups, g);
      for (int64_t r = start, end_of_chunk; r < stop; r = end_of_chunk) {
        end_of_chunk = r + next_chunk(stop - r);
        for (int64_t c = first; c < last; ++c) {
          const vec chain = unpool_rows(s, gradient, r, end_of_chunk, c * kLanes, dz + r * s.F + c * kLanes, s.F, zero());
          store(group + c * kLanes, r == start ? chain : add(load(group + c * kLanes), chain));
        }
      }
    }
  });
  if (!db) return;
  for (int64_t c = 0; c < strips; ++c) {
    vec total = load(sums + c * kLanes);
    for (int64_t g = 1; g < groups; ++g) total = add(total, load(sums + (g * strips + c) * kLanes));
    store_n(db + c * kLanes, total, s.F - c * kLanes);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

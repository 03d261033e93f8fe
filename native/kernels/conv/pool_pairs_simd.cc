#include "kernels/conv/pool_pairs.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "kernels/conv/pool_pairs_tile.h"
#include "kernels/conv/row_sums.h"

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
  make_rows(s.N * s.OH * s.OW, s.F, db, [&](int64_t r, int64_t stop, int64_t f, int strips, vec* chains) {
    for (int i = 0; i < strips; ++i, f += kLanes) chains[i] = unpool_rows(s, gradient, r, stop, f, dz + r * s.F + f, s.F, chains[i]);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

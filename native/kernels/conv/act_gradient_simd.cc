#include "core/marks.h"
#include "kernels/conv/act_gradient_tile.h"
#include "kernels/conv/row_sums.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_act_gradient(const float* y, const float* dy, int64_t rows, int64_t F, float* dz, float* db, Activation act) {
  SARAF_MARK(f32_act_gradient);
  const ActGradient gradient{y, dy, F, act};
  make_rows(rows, F, db, [&](int64_t r, int64_t stop, int64_t f, int strips, vec* chains) {
    if (strips == kSide && f + kSide * kLanes <= F) return act_strips<kSide>(gradient, r, stop, f, dz + r * F + f, F, chains);
    if (strips >= 2 && f + 2 * kLanes <= F) {
      act_strips<2>(gradient, r, stop, f, dz + r * F + f, F, chains);
      strips -= 2, f += 2 * kLanes, chains += 2;
    }
    for (int i = 0; i < strips; ++i, f += kLanes) chains[i] = act_rows(gradient, r, stop, f, dz + r * F + f, F, chains[i]);
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

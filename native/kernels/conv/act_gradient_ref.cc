#include "kernels/conv/act_gradient.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "kernels/conv/conv.h"

namespace saraf {
namespace ref {

namespace {

void act_gradient(const float* y, const float* dy, int64_t rows, int64_t F, float* dz, float* db, Activation act) {
  parallel_for(rows * F, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) dz[i] = ref_activate_grad(y[i], dy[i], act);
  });
  if (!db) return;
  const int64_t groups = weight_groups(rows, F);
  for (int64_t f = 0; f < F; ++f) db[f] = ordered_sum(0.0f, rows, groups, [&](int64_t r) { return dz[r * F + f]; });
}

}  // namespace

void f32_act_gradient(const float* y, const float* dy, int64_t rows, int64_t F, float* dz, float* db, Activation act) {
  SARAF_MARK(f32_act_gradient);
  act_gradient(y, dy, rows, F, dz, db, act);
}
void f32_conv_act_bwd_weights(const ConvShape& s, const float* x, const float* y, const float* dy, float* dz, float* dw, float* db, Activation act) {
  SARAF_MARK(f32_conv_act_bwd_weights);
  act_gradient(y, dy, s.N * s.OH * s.OW, s.F, dz, db, act);
  f32_conv_bwd_weights(s, x, dz, dw);
}

}  // namespace ref
}  // namespace saraf

// Included by vmath_table_ref.cc (one lane) and vmath_table_simd.cc (sixteen).
#include "core/marks.h"
#include "isa/vmath.h"
#include "isa/vmath_table.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_vmath(VMath function, const float* x, float* y, int64_t n) {
  SARAF_MARK(f32_vmath);
  for (int64_t i = 0; i < n; i += kLanes) {
    const vec a = load_n(x + i, n - i);
    vec r = a;
    switch (function) {
      case VMath::kExp: r = vexp(a); break;
      case VMath::kTanh: r = vtanh(a); break;
      case VMath::kSigmoid: r = vsigmoid(a); break;
      case VMath::kLog: r = vlog(a); break;
      case VMath::kErf: r = verf(a); break;
      case VMath::kNormalQuantile: r = vnormal_quantile(a); break;
      case VMath::kFmaSelf: r = fma(a, a, a); break;
    }
    store_n(y + i, r, n - i);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "core/marks.h"
#include "kernels/mixed/bf16_product.h"
#include "kernels/mixed/mixed.h"

namespace saraf {
namespace SARAF_ISA_NS {

void bf16_gemm(const GemmArgs<float>& g) {
  SARAF_MARK(bf16_gemm);
  const MixedMatrix a{g.a, g.lda}, b{g.b, g.ldb};
  MixedProduct p{};
  p.M = g.M;
  p.N = g.N;
  p.K = g.K;
  p.pack_a = g.ta ? mixed_rows_transposed : mixed_rows;
  p.a = &a;
  p.pack_b = g.tb ? mixed_panel_transposed : mixed_panel;
  p.b = &b;
  p.c = g.c;
  p.ldc = g.ldc;
  p.bias = g.bias;
  p.act = g.act;
  mixed_product(p);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

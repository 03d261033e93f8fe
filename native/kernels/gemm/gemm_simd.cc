#include "core/marks.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/gemm_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_gemm(const GemmArgs<float>& g) {
  SARAF_MARK(f32_gemm);
  const Matrix a{g.a, g.lda}, b{g.b, g.ldb};
  Product p{};
  p.M = g.M;
  p.N = g.N;
  p.K = g.K;
  p.pack_a = g.ta ? pack_a_columns : pack_a_rows;
  p.a = &a;
  p.a_data = g.a;
  p.lda = g.lda;
  p.a_columns = g.ta;
  p.pack_b = g.tb ? pack_b_columns : pack_b_rows;
  p.b = &b;
  p.b_direct = g.tb ? nullptr : g.b;
  p.ldb = g.ldb;
  p.c = g.c;
  p.ldc = g.ldc;
  p.bias = g.bias;
  p.act = g.act;
  p.groups = g.weight_gradient ? weight_groups(g.K, g.M * g.N) : 1;
  product(p);
}

void f32_column_sum(const float* x, int64_t rows, int64_t cols, int64_t ldx, float* y) {
  SARAF_MARK(f32_column_sum);
  const int64_t groups = weight_groups(rows, cols), strips = (cols + kLanes - 1) / kLanes;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * strips * kLanes));
  parallel_for(groups * strips, 1 + region_grain(60) / (rows / groups + 1) / kLanes, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / strips, c = t % strips * kLanes, left = cols - c;
      const int64_t stop = group_begin(rows, groups, g + 1);
      int64_t r = group_begin(rows, groups, g);
      vec group = zero();
      for (bool first = true; r < stop; first = false) {
        const int64_t chunk_end = r + next_chunk(stop - r);
        vec chain = zero();
        for (; r < chunk_end; ++r) chain = add(chain, load_n(x + r * ldx + c, left));
        group = first ? chain : add(group, chain);
      }
      store(sums + (g * strips + t % strips) * kLanes, group);
    }
  });
  for (int64_t s = 0; s < strips; ++s) {
    vec total = load(sums + s * kLanes);
    for (int64_t g = 1; g < groups; ++g) total = add(total, load(sums + (g * strips + s) * kLanes));
    store_n(y + s * kLanes, total, cols - s * kLanes);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

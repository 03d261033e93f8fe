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

namespace {

// Rows [begin, stop) of V strips of 16 columns side by side, each a row's run of memory that is followed further than a line alone;
// of the last strip `left` columns are there.
template <int V>
void sum_strips(const float* x, int64_t ldx, int64_t begin, int64_t stop, int64_t left, float* sums) {
  if (V > 1) left = kLanes;
  vec total[V];
  for (int v = 0; v < V; ++v) total[v] = zero();
  for (int64_t r = begin, end; r < stop; r = end) {
    end = r + next_chunk(stop - r);
    vec chain[V];
    for (int v = 0; v < V; ++v) chain[v] = zero();
    for (int64_t k = r; k < end; ++k)
      for (int v = 0; v < V; ++v) chain[v] = add(chain[v], load_n(x + k * ldx + v * kLanes, left));
    for (int v = 0; v < V; ++v) total[v] = r == begin ? chain[v] : add(total[v], chain[v]);
  }
  for (int v = 0; v < V; ++v) store(sums + v * kLanes, total[v]);
}

}  // namespace

void f32_column_sum(const float* x, int64_t rows, int64_t cols, int64_t ldx, float* y) {
  SARAF_MARK(f32_column_sum);
  if (cols == 0) return;
  constexpr int kSide = 4;
  const int64_t groups = weight_groups(rows, cols), strips = (cols + kLanes - 1) / kLanes, whole = cols / kLanes;
  float* sums = scratch_floats(Slot::kReduce, (size_t)(groups * strips * kLanes));
  const int64_t blocks = (strips + kSide - 1) / kSide, parts = groups * blocks < 2 * thread_count() ? strips : blocks;
  parallel_for(groups * parts, 1 + region_grain(60) / (rows / groups + 1) / kLanes * parts / strips, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t g = t / parts, start = group_begin(rows, groups, g), stop = group_begin(rows, groups, g + 1);
      for (int64_t c = strips * (t % parts) / parts, last = strips * (t % parts + 1) / parts; c < last;) {
        const float* from = x + c * kLanes;
        float* to = sums + (g * strips + c) * kLanes;
        if (last - c >= 4 && c + 4 <= whole) sum_strips<4>(from, ldx, start, stop, 0, to), c += 4;
        else if (last - c >= 2 && c + 2 <= whole) sum_strips<2>(from, ldx, start, stop, 0, to), c += 2;
        else sum_strips<1>(from, ldx, start, stop, cols - c * kLanes, to), c += 1;
      }
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

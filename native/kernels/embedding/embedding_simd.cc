#include "core/marks.h"
#include "core/parallel.h"
#include "isa/vec16.h"
#include "kernels/embedding/embedding.h"

namespace saraf {
namespace SARAF_ISA_NS {

void f32_embedding_bwd(const int32_t* ids, const float* dy, float* dtable, int64_t count, int64_t V, int64_t D) {
  SARAF_MARK(f32_embedding_bwd);
  parallel_for(V * D, 65536, [=](int64_t begin, int64_t end, int) { std::memset(dtable + begin, 0, (size_t)(end - begin) * sizeof(float)); });
  const int64_t strips = (D + kLanes - 1) / kLanes, wanted = count * D < 16384 ? 1 : thread_count();
  const int64_t column_parts = strips < wanted ? strips : wanted, id_parts = column_parts > 0 ? wanted / column_parts : 0;
  parallel_for(column_parts * id_parts, 1, [=](int64_t begin, int64_t end, int) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t c = part / id_parts, mine = part % id_parts;
      const int64_t first = strips * c / column_parts * kLanes, stop = strips * (c + 1) / column_parts * kLanes, last = stop < D ? stop : D;
      for (int64_t i = 0; i < count; ++i) {
        if (id_parts > 1 && ids[i] % id_parts != mine) continue;
        float* row = dtable + ids[i] * D;
        const float* from = dy + i * D;
        for (int64_t d = first; d < last; d += kLanes) store_n(row + d, add(load_n(row + d, last - d), load_n(from + d, last - d)), last - d);
      }
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

#include "core/marks.h"
#include "core/parallel.h"
#include "kernels/embedding/embedding.h"

namespace saraf {
namespace ref {

namespace {
template <class T>
void embedding_bwd(const int32_t* ids, const T* dy, T* dtable, int64_t count, int64_t V, int64_t D) {
  parallel_for(D, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t v = 0; v < V; ++v)
      for (int64_t d = begin; d < end; ++d) dtable[v * D + d] = 0;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t d = begin; d < end; ++d) dtable[ids[i] * D + d] = dtable[ids[i] * D + d] + dy[i * D + d];
  });
}
}  // namespace

void f32_embedding_bwd(const int32_t* ids, const float* dy, float* dtable, int64_t count, int64_t V, int64_t D) {
  SARAF_MARK(f32_embedding_bwd);
  embedding_bwd(ids, dy, dtable, count, V, D);
}
void f64_embedding_bwd(const int32_t* ids, const double* dy, double* dtable, int64_t count, int64_t V, int64_t D) {
  embedding_bwd(ids, dy, dtable, count, V, D);
}

}  // namespace ref
}  // namespace saraf

// Embedding.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/embedding/embedding.h"

namespace saraf {

namespace {

const int32_t* checked_ids(const Args& a, int i, int64_t V, int64_t* count) {
  *count = a.length(i, "ids");
  const int32_t* ids = a.array<int32_t>(i, "ids", *count);
  for (int64_t p = 0; p < *count; ++p)
    if (ids[p] < 0 || ids[p] >= V)
      a.fail("ERR_DATA", "expected ids in [0," + std::to_string(V) + "), received " + std::to_string(ids[p]) + " at position " + std::to_string(p) +
                             "; set inputDim to the size of the vocabulary, its padding and unknown tokens included");
  return ids;
}

// embeddingForward(ids, table, y, V, D)
void embedding_forward(Args& a) {
  const int64_t V = a.count(3, "V"), D = a.count(4, "D");
  int64_t count;
  const int32_t* ids = checked_ids(a, 0, V, &count);
  by_float_type(a, 1, [&](auto zero) {
    using T = decltype(zero);
    gather_rows(a.array<T>(1, "table", V * D), ids, a.array<T>(2, "y", count * D), count, (size_t)D * sizeof(T));
  });
}

// embeddingBackward(ids, dy, dtable, V, D)
void embedding_backward(Args& a) {
  const int64_t V = a.count(3, "V"), D = a.count(4, "D");
  int64_t count;
  const int32_t* ids = checked_ids(a, 0, V, &count);
  if (a.is_double(1)) ref::f64_embedding_bwd(ids, a.array<double>(1, "dy", count * D), a.array<double>(2, "dtable", V * D), count, V, D);
  else kernels().f32_embedding_bwd(ids, a.array<float>(1, "dy", count * D), a.array<float>(2, "dtable", V * D), count, V, D);
}

}  // namespace

extern const Binding bindings_embedding[] = {
    {"embeddingForward", embedding_forward},
    {"embeddingBackward", embedding_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

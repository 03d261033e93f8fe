#include <cstring>

#include "core/parallel.h"
#include "core/region.h"
#include "kernels/embedding/embedding.h"

namespace saraf {

void gather_rows(const void* x, const int32_t* index, void* y, int64_t count, size_t row_bytes) {
  const char* from = static_cast<const char*>(x);
  char* to = static_cast<char*>(y);
  parallel_for(count, 1 + region_grain(40) / (int64_t)(row_bytes + 64), [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) std::memcpy(to + (size_t)i * row_bytes, from + (size_t)index[i] * row_bytes, row_bytes);
  });
}

}  // namespace saraf

// Rows looked up by number, and the gradient of that. Every number was checked by the caller.
#pragma once
#include <cstddef>
#include <cstdint>

namespace saraf {

// y (count rows) = the rows of x named by index, row_bytes each. y may not overlap x. A copy: one variant serves all.
void gather_rows(const void* x, const int32_t* index, void* y, int64_t count, size_t row_bytes);

namespace ref {
// dtable (V,D) = the rows of dy (count,D) added by id. Order: a row is one chain of plain adds from zero, in ascending
// position. Threads share columns (in strips of 16) and then ids (modulo), so that a frequent id burdens no single one.
void f32_embedding_bwd(const int32_t* ids, const float* dy, float* dtable, int64_t count, int64_t V, int64_t D);
void f64_embedding_bwd(const int32_t* ids, const double* dy, double* dtable, int64_t count, int64_t V, int64_t D);
}  // namespace ref

}  // namespace saraf

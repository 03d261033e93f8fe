// The one summation order (law 5). Every float32 sum in saraf follows one of the orders defined here, so that blocking,
// tiles, threads and instruction sets change no bit, and a GPU can follow it too.
//
// 1. Chunked sum over k (gemm, conv, recurrent, weight gradients, column sums): k is cut into chunks of kChunk (a last
//    chunk may run to 1.5 lengths: next_chunk). Each chunk is one FMA chain in ascending k from zero; chunk sums are added
//    in ascending order, the first one assigned. A bias is added once, after the last chunk.
// 2. Grouped sum (long weight gradients): k is first cut into weight_groups(k, outputs) groups of whole chunks, each
//    group summed as in 1, group sums added in ascending order. The number of groups follows from the shape alone.
// 3. Lane sum (rows of softmax, normalisation): lane_sum16, 16 virtual lanes, element i goes to lane i % 16 in ascending
//    order (one add or FMA per element, absent elements are 0), then one fixed tree: l += l+8, l += l+4, l += l+2, l += l+1.
// 4. Plain sum (pooling): one chain of adds in ascending order from +0. For sums as short as a window.
// 5. Winograd sum (3×3 convolutions that kernels/conv/winograd.h takes; F(4×4,3×3), points 0, ±5/8, ±3/2, ∞): y and dx are
//    Aᵀ(Σ_c V·U)A, then b, then act; dw is Gᵀ(Σ_tile V·Z)G. Each of the 36 sums is cut into chunks of kWinogradChunk (a last
//    one may run to 1.5 lengths: next_winograd_chunk), summed as in 1, in ascending c, or ascending tile (n, row, column).
//    Transforms are the FMA sequences of kernels/conv/winograd_transform.h, first along the columns of each line, then
//    along the lines. Inputs and output gradients outside the image take part as 0.
//
// Fading values. What decays from step to step (the states and gradients of a recurrent layer over padding, the moments of an
// optimizer) would end among the denormals, where a processor is a hundred times slower. Such a value is set to 0 below 2^-96
// (`quiet`): by an explicit comparison, because the processors' own flush modes differ between instruction sets.
//
// Only `static inline` here: this header is compiled for several instruction sets, and a merged inline function would
// carry AVX code into the baseline path.
#pragma once
#include <cstdint>

namespace saraf {

constexpr int64_t kChunk = 256;

// Length of the next chunk when `remaining` values are left.
static inline int64_t next_chunk(int64_t remaining) {
  return remaining <= kChunk + kChunk / 2 ? remaining : kChunk;
}

constexpr int64_t kWinogradChunk = 64;

static inline int64_t next_winograd_chunk(int64_t remaining) {
  return remaining <= kWinogradChunk + kWinogradChunk / 2 ? remaining : kWinogradChunk;
}

// Groups for a sum of length k that gives `outputs` values: many only where outputs are too few to share among threads.
static inline int64_t weight_groups(int64_t k, int64_t outputs) {
  if (outputs >= 131072) return 1;
  const int64_t groups = k / (4 * kChunk);
  return groups < 1 ? 1 : groups > 16 ? 16 : groups;
}

// First k of group g of `groups` (k itself for g == groups).
static inline int64_t group_begin(int64_t k, int64_t groups, int64_t g) {
  const int64_t chunks = (k + kChunk - 1) / kChunk;
  const int64_t per_group = (chunks + groups - 1) / groups;
  const int64_t begin = g * per_group * kChunk;
  return begin < k ? begin : k;
}

}  // namespace saraf

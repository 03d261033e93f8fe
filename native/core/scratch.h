// The arena: memory that kernels need only while they run. One set of slots per calling thread, grown and never shrunk,
// aligned to 64 bytes (large ones to huge pages). Take it before a parallel region and cut it by thread inside: nothing
// allocates, and so nothing can fail, within OpenMP.
#pragma once
#include <cstddef>
#include <cstdint>

namespace saraf {

enum class Slot {
  kPackA, kPackB, kGroups, kConv, kConvDepth, kRecurrentA, kRecurrentB, kRecurrentC, kRecurrentIndex, kRecurrentKept, kRecurrentBoth, kReduce, kAttention,
  kWord2Vec, kWord2VecWindows, kCount
};

// At least `bytes` bytes; contents undefined; valid until the same slot is asked for more in the same thread.
// Throws ERR_MEMORY.
void* scratch_bytes(Slot slot, size_t bytes);

static inline float* scratch_floats(Slot slot, size_t count) {
  return static_cast<float*>(scratch_bytes(slot, count * sizeof(float)));
}

}  // namespace saraf

#include "core/scratch.h"

#include <cstdlib>
#include <string>

#include "core/error.h"
#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(_WIN32)
#include <malloc.h>
#endif

namespace saraf {

namespace {

constexpr size_t kHugePage = size_t(2) << 20;

void* aligned(size_t alignment, size_t bytes) {
#if defined(_WIN32)
  return _aligned_malloc(bytes, alignment);
#else
  void* p = nullptr;
  return posix_memalign(&p, alignment, bytes) == 0 ? p : nullptr;
#endif
}

void release(void* p) {
#if defined(_WIN32)
  _aligned_free(p);
#else
  std::free(p);
#endif
}

struct Arena {
  void* memory[(int)Slot::kCount] = {};
  size_t size[(int)Slot::kCount] = {};
  ~Arena() {
    for (void* p : memory) release(p);
  }
};

thread_local Arena arena;

}  // namespace

void* scratch_bytes(Slot slot, size_t bytes) {
  const int i = (int)slot;
  if (arena.size[i] >= bytes) return arena.memory[i];
  const size_t unit = bytes >= kHugePage ? kHugePage : 4096;
  const size_t rounded = (bytes + unit - 1) / unit * unit;
  release(arena.memory[i]);
  arena.memory[i] = nullptr;
  arena.size[i] = 0;
  void* p = aligned(bytes >= kHugePage ? kHugePage : 64, rounded);
  if (!p) throw Error("ERR_MEMORY", "scratch", "could not get " + std::to_string(rounded) + " bytes of workspace; use a smaller batch");
#if defined(__linux__)
  if (bytes >= kHugePage) madvise(p, rounded, MADV_HUGEPAGE);
#endif
  arena.memory[i] = p;
  arena.size[i] = rounded;
  return p;
}

}  // namespace saraf

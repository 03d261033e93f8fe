// Which kernel variants really ran: each variant counts its own calls, so that an ignored SARAF_ISA shows.
#pragma once
#include <cstdint>

namespace saraf {

struct KernelMark {
  const char* name;  // f32_gemm__avx2
  uint64_t calls;
  KernelMark* next;
  bool listed;
};

void list_mark(KernelMark* mark);      // called once per variant, at its first call
KernelMark* first_mark();              // newest first
void reset_marks();

}  // namespace saraf

// First statement of every kernel variant; nearly all run from one thread at a time, and a count lost where the two
// directions of a recurrent layer race would only make a number in a report smaller.
#define SARAF_STRINGIFY2(x) #x
#define SARAF_STRINGIFY(x) SARAF_STRINGIFY2(x)
#define SARAF_MARK(kernel)                                                                             \
  static ::saraf::KernelMark saraf_mark_{SARAF_STRINGIFY(kernel) "__" SARAF_STRINGIFY(SARAF_ISA_NS), 0, nullptr, false}; \
  if (saraf_mark_.calls++ == 0 && !saraf_mark_.listed) ::saraf::list_mark(&saraf_mark_)

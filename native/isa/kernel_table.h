// One function table per instruction set, chosen once at load; SARAF_ISA=ref|sse2|avx|avx2|avx512|neon clamps the choice.
// SARAF_EXACT=0 takes, for sets without FMA (sse2, avx), the table that multiplies and adds instead of emulating FMA.
#pragma once
#include "kernels/kernels.h"

namespace saraf {

struct KernelTable {
  const char* isa;
  bool exact;  // the bits of order.h
#define SARAF_KERNEL(name) decltype(&ref::name) name;
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
};

// The table in use.
const KernelTable& kernels();

// Tables that this build has and this machine can run, slowest first; null after the last.
const KernelTable* const* available_tables();

// Throws ERR_ARG if `isa` is unknown or cannot run here.
void choose_isa(const char* isa);

// false: sets without FMA round products and sums apart. The others compute as before.
void choose_exact(bool exact);

}  // namespace saraf

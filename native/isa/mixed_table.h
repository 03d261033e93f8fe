// Function tables of the sets that multiply in bfloat16, one of them chosen at first use. SARAF_BF16=avx512_bf16|amx clamps the
// choice; a SARAF_ISA below avx512 leaves none.
#pragma once
#include "kernels/mixed/mixed.h"

namespace saraf {

struct MixedTable {
  const char* set;
#define SARAF_MIXED(name) decltype(&mixed::name) name;
#include "kernels/mixed/mixed.inc"
#undef SARAF_MIXED
};

// The table in use. Throws ERR_DEVICE with the reason where there is none.
const MixedTable& mixed_kernels();

// Why there is none, or null.
const char* mixed_absent();

// Tables that this build has and this machine can run, slower first; null after the last.
const MixedTable* const* available_mixed_tables();

// Throws ERR_ARG if `set` is unknown or cannot run here.
void choose_mixed_set(const char* set);

}  // namespace saraf

#include "isa/mixed_table.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "core/error.h"
#include "isa/cpu_features.h"
#include "isa/kernel_table.h"

namespace saraf {

#if defined(SARAF_MIXED_SETS)
namespace avx512_bf16 {
#define SARAF_MIXED(name) decltype(mixed::name) name;
#include "kernels/mixed/mixed.inc"
#undef SARAF_MIXED
}
namespace amx {
#define SARAF_MIXED(name) decltype(mixed::name) name;
#include "kernels/mixed/mixed.inc"
#undef SARAF_MIXED
}
#endif

namespace {

#if defined(SARAF_MIXED_SETS)
const MixedTable table_avx512_bf16 = {
    "avx512_bf16",
#define SARAF_MIXED(name) &avx512_bf16::name,
#include "kernels/mixed/mixed.inc"
#undef SARAF_MIXED
};
const MixedTable table_amx = {
    "amx",
#define SARAF_MIXED(name) &amx::name,
#include "kernels/mixed/mixed.inc"
#undef SARAF_MIXED
};

// The kernel hands out the tile registers, 8 KiB a thread, only to a process that asks.
bool tiles_permitted() {
#if defined(__linux__) && defined(SYS_arch_prctl)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}
#endif

struct Available {
  const MixedTable* tables[4] = {};
  const char* absent = nullptr;
  Available() {
#if defined(SARAF_MIXED_SETS)
    int n = 0;
    const CpuFeatures& f = cpu_features();
    if (f.avx512_bf16) tables[n++] = &table_avx512_bf16;
    if (f.avx512_bf16 && f.amx_bf16 && tiles_permitted()) tables[n++] = &table_amx;
    if (n == 0) absent = "this processor has neither AVX512-BF16 nor AMX-BF16";
#elif defined(SARAF_X86)
    absent = "the compiler that built the addon knows neither AVX512-BF16 nor AMX (g++ 11 or clang 12 and later do)";
#else
    absent = "bfloat16 kernels exist for x86-64 only";
#endif
  }
};

const Available& available() {
  static const Available a;
  return a;
}

const MixedTable* find(const char* set) {
  std::string names;
  for (const MixedTable* const* t = available().tables; *t; ++t) {
    if (std::strcmp((*t)->set, set) == 0) return *t;
    names += std::string(names.empty() ? "" : ", ") + (*t)->set;
  }
  throw Error("ERR_ARG", "bf16", "expected " + (names.empty() ? std::string("no set, as this machine has none") : "one of " + names) + ", received " + set +
                                     "; unset SARAF_BF16 to take the fastest");
}

std::atomic<const MixedTable*> chosen{nullptr};

}  // namespace

const MixedTable* const* available_mixed_tables() { return available().tables; }

const char* mixed_absent() {
  if (available().absent) return available().absent;
  return std::strcmp(kernels().isa, "avx512") == 0 ? nullptr : "the instruction set in use is below avx512 (SARAF_ISA)";
}

void choose_mixed_set(const char* set) { chosen.store(find(set), std::memory_order_release); }

const MixedTable& mixed_kernels() {
  if (const char* reason = mixed_absent()) throw Error("ERR_DEVICE", "bf16", std::string("expected bfloat16 products, but ") + reason + "; use precision: 'float32'");
  const MixedTable* t = chosen.load(std::memory_order_acquire);
  if (t) return *t;
  if (const char* set = std::getenv("SARAF_BF16"); set && *set) {
    t = find(set);
  } else {
    const MixedTable* const* last = available().tables;
    while (last[1]) ++last;
    t = *last;
  }
  chosen.store(t, std::memory_order_release);
  return *t;
}

}  // namespace saraf

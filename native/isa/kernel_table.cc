#include "isa/kernel_table.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.h"
#include "isa/cpu_features.h"

namespace saraf {

#if defined(SARAF_X86)
namespace sse2 {
#define SARAF_KERNEL(name) decltype(ref::name) name;
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
}
namespace avx2 {
#define SARAF_KERNEL(name) decltype(ref::name) name;
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
}
namespace avx512 {
#define SARAF_KERNEL(name) decltype(ref::name) name;
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
}
#endif

namespace {

const KernelTable table_ref = {
    "ref",
#define SARAF_KERNEL(name) &ref::name,
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
};
#if defined(SARAF_X86)
const KernelTable table_sse2 = {
    "sse2",
#define SARAF_KERNEL(name) &sse2::name,
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
};
const KernelTable table_avx2 = {
    "avx2",
#define SARAF_KERNEL(name) &avx2::name,
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
};
const KernelTable table_avx512 = {
    "avx512",
#define SARAF_KERNEL(name) &avx512::name,
#include "kernels/kernels.inc"
#undef SARAF_KERNEL
};
#endif

struct Available {
  const KernelTable* tables[8] = {};
  Available() {
    int n = 0;
    tables[n++] = &table_ref;
#if defined(SARAF_X86)
    const CpuFeatures& f = cpu_features();
    if (f.sse2) tables[n++] = &table_sse2;
    if (f.avx2 && f.fma) tables[n++] = &table_avx2;
    if (f.avx512 && f.avx2 && f.fma) tables[n++] = &table_avx512;
#endif
  }
};

const Available& available() {
  static const Available a;
  return a;
}

const KernelTable* find(const char* isa) {
  for (const KernelTable* const* t = available().tables; *t; ++t)
    if (std::strcmp((*t)->isa, isa) == 0) return *t;
  std::string names;
  for (const KernelTable* const* t = available().tables; *t; ++t) names += std::string(names.empty() ? "" : ", ") + (*t)->isa;
  throw Error("ERR_ARG", "isa", "expected one of " + names + " (what this machine can run), received " + isa + "; unset SARAF_ISA to take the fastest");
}

std::atomic<const KernelTable*> chosen{nullptr};

}  // namespace

const KernelTable* const* available_tables() { return available().tables; }

void choose_isa(const char* isa) { chosen.store(find(isa), std::memory_order_release); }

const KernelTable& kernels() {
  const KernelTable* t = chosen.load(std::memory_order_acquire);
  if (t) return *t;
  if (const char* isa = std::getenv("SARAF_ISA"); isa && *isa) {
    t = find(isa);
  } else {
    const KernelTable* const* last = available().tables;
    while (last[1]) ++last;
    t = *last;
  }
  chosen.store(t, std::memory_order_release);
  return *t;
}

}  // namespace saraf

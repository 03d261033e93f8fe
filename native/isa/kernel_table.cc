#include "isa/kernel_table.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "core/error.h"
#include "isa/cpu_features.h"

namespace saraf {

#define SARAF_SET ref
#define SARAF_SET_ISA "ref"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#if defined(SARAF_X86)
#define SARAF_SET sse2
#define SARAF_SET_ISA "sse2"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#define SARAF_SET sse2_inexact
#define SARAF_SET_ISA "sse2"
#define SARAF_SET_EXACT false
#include "isa/kernel_set.inc"
#define SARAF_SET avx
#define SARAF_SET_ISA "avx"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#define SARAF_SET avx_inexact
#define SARAF_SET_ISA "avx"
#define SARAF_SET_EXACT false
#include "isa/kernel_set.inc"
#define SARAF_SET avx2
#define SARAF_SET_ISA "avx2"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#define SARAF_SET avx512
#define SARAF_SET_ISA "avx512"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#elif defined(SARAF_ARM64)
#define SARAF_SET neon
#define SARAF_SET_ISA "neon"
#define SARAF_SET_EXACT true
#include "isa/kernel_set.inc"
#endif

namespace {

struct Available {
  const KernelTable* tables[8] = {};
  Available() {
    int n = 0;
    tables[n++] = &ref::table;
#if defined(SARAF_X86)
    const CpuFeatures& f = cpu_features();
    if (f.sse2) tables[n++] = &sse2::table;
    if (f.avx) tables[n++] = &avx::table;
    if (f.avx2 && f.fma) tables[n++] = &avx2::table;
    if (f.avx512 && f.avx2 && f.fma) tables[n++] = &avx512::table;
#elif defined(SARAF_ARM64)
    if (cpu_features().neon) tables[n++] = &neon::table;
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

// A set without FMA has a second table, whose multiply-adds are rounded twice.
const KernelTable* inexact_of(const KernelTable* table) {
#if defined(SARAF_X86)
  if (table == &sse2::table) return &sse2_inexact::table;
  if (table == &avx::table) return &avx_inexact::table;
#endif
  return table;
}

bool exact_by_environment() {
  const char* value = std::getenv("SARAF_EXACT");
  if (!value || !*value || std::strcmp(value, "1") == 0) return true;
  if (std::strcmp(value, "0") == 0) return false;
  throw Error("ERR_ARG", "exact", std::string("expected SARAF_EXACT to be 0 or 1, received ") + value);
}

const KernelTable* set_by_environment() {
  if (const char* isa = std::getenv("SARAF_ISA"); isa && *isa) return find(isa);
  const KernelTable* const* last = available().tables;
  while (last[1]) ++last;
  return *last;
}

// What was asked for (set: always an exact table), under the lock; `chosen` is what follows from both.
std::mutex choice;
const KernelTable* set = nullptr;
bool exact = true;
std::atomic<const KernelTable*> chosen{nullptr};

void read_environment() {
  if (set) return;
  exact = exact_by_environment();
  set = set_by_environment();
}
const KernelTable* publish() {
  const KernelTable* t = exact ? set : inexact_of(set);
  chosen.store(t, std::memory_order_release);
  return t;
}

}  // namespace

const KernelTable* const* available_tables() { return available().tables; }

void choose_isa(const char* isa) {
  const KernelTable* found = find(isa);
  std::lock_guard<std::mutex> lock(choice);
  if (!set) exact = exact_by_environment();
  set = found;
  publish();
}

void choose_exact(bool value) {
  std::lock_guard<std::mutex> lock(choice);
  read_environment();
  exact = value;
  publish();
}

const KernelTable& kernels() {
  if (const KernelTable* t = chosen.load(std::memory_order_acquire)) return *t;
  std::lock_guard<std::mutex> lock(choice);
  read_environment();
  return *publish();
}

}  // namespace saraf

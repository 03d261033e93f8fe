// Threads, instruction sets, and what really ran.
#include <atomic>
#include <string>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "addon/args.h"
#include "addon/errors.h"
#include "core/marks.h"
#include "core/parallel.h"
#include "isa/cpu_features.h"
#include "isa/kernel_table.h"

namespace saraf {

extern std::atomic<uint64_t> crossings;

namespace {

// Controls are not kernel calls.
void uncount() { crossings.fetch_sub(1, std::memory_order_relaxed); }

void set_number(Args& a, napi_value object, const char* key, double value) {
  napi_value v;
  napi_create_double(a.env(), value, &v);
  napi_set_named_property(a.env(), object, key, v);
}
void set_text(Args& a, napi_value object, const char* key, const char* value) {
  napi_value v;
  napi_create_string_utf8(a.env(), value, NAPI_AUTO_LENGTH, &v);
  napi_set_named_property(a.env(), object, key, v);
}
void return_number(Args& a, double value) {
  napi_value v;
  napi_create_double(a.env(), value, &v);
  a.returns(v);
}

void set_error_class_op(Args& a) {
  uncount();
  set_error_class(a.env(), a.raw(0));
}
void set_threads(Args& a) {
  uncount();
  const int64_t n = a.count(0, "threads");
  if (n > kMaxThreads) a.fail("ERR_ARG", "expected at most " + std::to_string(kMaxThreads) + " threads, received " + std::to_string(n));
  set_thread_count((int)n);
}
void threads(Args& a) {
  uncount();
  return_number(a, thread_count());
}
void hardware(Args& a) {
  uncount();
  return_number(a, hardware_threads());
}
void isa(Args& a) {
  uncount();
  napi_value v;
  napi_create_string_utf8(a.env(), kernels().isa, NAPI_AUTO_LENGTH, &v);
  a.returns(v);
}
void isas(Args& a) {
  uncount();
  napi_value list;
  napi_create_array(a.env(), &list);
  uint32_t n = 0;
  for (const KernelTable* const* t = available_tables(); *t; ++t) {
    napi_value v;
    napi_create_string_utf8(a.env(), (*t)->isa, NAPI_AUTO_LENGTH, &v);
    napi_set_element(a.env(), list, n++, v);
  }
  a.returns(list);
}
void set_isa(Args& a) {
  uncount();
  choose_isa(a.text(0, "isa").c_str());
}
void exact(Args& a) {
  uncount();
  napi_value v;
  napi_get_boolean(a.env(), kernels().exact, &v);
  a.returns(v);
}
void set_exact(Args& a) {
  uncount();
  choose_exact(a.boolean(0, "exact"));
}
void features(Args& a) {
  uncount();
  const CpuFeatures& f = cpu_features();
  napi_value object;
  napi_create_object(a.env(), &object);
  auto flag = [&](const char* key, bool value) {
    napi_value v;
    napi_get_boolean(a.env(), value, &v);
    napi_set_named_property(a.env(), object, key, v);
  };
  flag("sse2", f.sse2);
  flag("avx", f.avx);
  flag("avx2", f.avx2);
  flag("fma", f.fma);
  flag("avx512", f.avx512);
  flag("avx512_bf16", f.avx512_bf16);
  flag("amx_bf16", f.amx_bf16);
  flag("neon", f.neon);
  a.returns(object);
}
void kernels_run(Args& a) {
  uncount();
  napi_value object;
  napi_create_object(a.env(), &object);
  for (KernelMark* m = first_mark(); m; m = m->next)
    if (m->calls) set_number(a, object, m->name, (double)m->calls);
  a.returns(object);
}
void reset_kernels_run(Args&) {
  uncount();
  reset_marks();
}
void crossing_count(Args& a) {
  uncount();
  return_number(a, (double)crossings.load());
}
// Asks for huge pages within a large array that was not written yet: where 4 KiB pages are all in use, a kernel that
// streams through it waits for address translations. Returns how far its address is past a cache line's start.
void advise_huge(Args& a) {
  uncount();
  const size_t bytes = (size_t)a.length(0, "array");
  uint8_t* const begin = a.array<uint8_t>(0, "array", -1);
#if defined(__linux__)
  constexpr uintptr_t kHugePage = uintptr_t(2) << 20;
  const uintptr_t first = ((uintptr_t)begin + kHugePage - 1) / kHugePage * kHugePage, last = ((uintptr_t)begin + bytes) / kHugePage * kHugePage;
  if (first < last) madvise((void*)first, last - first, MADV_HUGEPAGE);  // advice: refused is as good as unknown
#endif
  return_number(a, (double)((uintptr_t)begin % 64));
}
void build_info(Args& a) {
  uncount();
  napi_value object;
  napi_create_object(a.env(), &object);
  set_text(a, object, "compiler", __VERSION__);
#ifdef _OPENMP
  set_text(a, object, "openmp", std::to_string(_OPENMP).c_str());
#else
  set_text(a, object, "openmp", "absent");
#endif
  set_text(a, object, "napi", std::to_string(NAPI_VERSION).c_str());
  a.returns(object);
}

}  // namespace

extern const Binding bindings_control[] = {
    {"setErrorClass", set_error_class_op},
    {"setThreads", set_threads},
    {"threads", threads},
    {"hardwareThreads", hardware},
    {"isa", isa},
    {"isas", isas},
    {"setIsa", set_isa},
    {"exact", exact},
    {"setExact", set_exact},
    {"cpuFeatures", features},
    {"kernelsRun", kernels_run},
    {"resetKernelsRun", reset_kernels_run},
    {"crossings", crossing_count},
    {"adviseHuge", advise_huge},
    {"buildInfo", build_info},
    {nullptr, nullptr},
};

}  // namespace saraf

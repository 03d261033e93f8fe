#include "isa/cpu_features.h"

#if defined(SARAF_X86) && !defined(_MSC_VER)
#include <cpuid.h>
#endif

namespace saraf {

namespace {

CpuFeatures detect() {
  CpuFeatures f{};
#if defined(SARAF_X86) && !defined(_MSC_VER)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
  f.sse2 = d & (1u << 26);
  const bool fma = c & (1u << 12), avx = c & (1u << 28), osxsave = c & (1u << 27);
  unsigned xcr0 = 0;
  if (osxsave) {
    unsigned high;
    __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  }
  const bool os_avx = (xcr0 & 6u) == 6u, os_avx512 = (xcr0 & 0xe6u) == 0xe6u, os_amx = (xcr0 & 0x60000u) == 0x60000u;
  f.avx = avx && os_avx;
  f.fma = fma && os_avx;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    f.avx2 = (b & (1u << 5)) && os_avx;
    const bool foundation = b & (1u << 16), dq = b & (1u << 17), bw = b & (1u << 30), vl = b & (1u << 31);
    f.avx512 = foundation && dq && bw && vl && os_avx512;
    f.amx_bf16 = (d & (1u << 22)) && os_amx;
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d)) f.avx512_bf16 = (a & (1u << 5)) && f.avx512;
  }
#elif defined(SARAF_ARM64)
  f.neon = true;  // part of the architecture
#endif
  return f;
}

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

}  // namespace saraf

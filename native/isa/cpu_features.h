// What the processor and the operating system can run.
#pragma once

namespace saraf {

struct CpuFeatures {
  bool sse2, avx, avx2, fma, avx512, avx512_bf16, amx_bf16, neon;
};

const CpuFeatures& cpu_features();

}  // namespace saraf

// vmath over arrays, so that tests can hold every instruction set against the double reference.
#pragma once
#include <cstdint>

namespace saraf {

enum class VMath : int { kExp, kTanh, kSigmoid, kLog, kErf, kNormalQuantile, kFmaSelf };

namespace ref {
// y[i] = f(x[i]). y may be x. kFmaSelf gives fma(x, x, x), which shows whether an emulated FMA is exact.
void f32_vmath(VMath function, const float* x, float* y, int64_t n);
}  // namespace ref

}  // namespace saraf

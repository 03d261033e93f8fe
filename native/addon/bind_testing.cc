// Only for tests: kernels that no layer calls by themselves.
#include "addon/args.h"
#include "isa/kernel_table.h"

namespace saraf {

namespace {

// testVMath(function, x, y)
void test_vmath(Args& a) {
  const int64_t f = a.count(0, "function"), n = a.length(1, "x");
  if (f > (int64_t)VMath::kFmaSelf) a.fail("ERR_ARG", "expected a function number, received " + std::to_string(f));
  kernels().f32_vmath((VMath)f, a.array<float>(1, "x", n), a.array<float>(2, "y", n), n);
}

}  // namespace

extern const Binding bindings_testing[] = {
    {"testVMath", test_vmath},
    {nullptr, nullptr},
};

}  // namespace saraf

// Only for tests: kernels that no layer calls by themselves.
#include "addon/args.h"
#include "core/rng.h"
#include "isa/kernel_table.h"

namespace saraf {

namespace {

// testVMath(function, x, y)
void test_vmath(Args& a) {
  const int64_t f = a.count(0, "function"), n = a.length(1, "x");
  if (f > (int64_t)VMath::kFmaSelf) a.fail("ERR_ARG", "expected a function number, received " + std::to_string(f));
  kernels().f32_vmath((VMath)f, a.array<float>(1, "x", n), a.array<float>(2, "y", n), n);
}

// testPhilox(counter (4: block low and high, counter low and high), key (seed, stream), words (4)), all int32 bit patterns
void test_philox(Args& a) {
  const int32_t *c = a.array<int32_t>(0, "counter", 4), *k = a.array<int32_t>(1, "key", 2);
  int32_t* out = a.array<int32_t>(2, "words", 4);
  auto pair = [](int32_t low, int32_t high) { return (uint64_t)(uint32_t)high << 32 | (uint32_t)low; };
  const PhiloxBlock words = philox(pair(c[0], c[1]), pair(c[2], c[3]), (uint32_t)k[0], (uint32_t)k[1]);
  for (int i = 0; i < 4; ++i) out[i] = (int32_t)words.word[i];
}

}  // namespace

extern const Binding bindings_testing[] = {
    {"testVMath", test_vmath},
    {"testPhilox", test_philox},
    {nullptr, nullptr},
};

}  // namespace saraf

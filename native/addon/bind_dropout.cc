// Dropout and random values.
#include <cmath>

#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/dropout/dropout.h"

namespace saraf {

namespace {

uint32_t word(const Args& a, int i, const char* name) {
  const int64_t v = a.count(i, name);
  if (v > 0xffffffffLL) a.fail("ERR_ARG", std::string("expected ") + name + " in [0, 2^32), received " + std::to_string(v));
  return (uint32_t)v;
}
double finite(const Args& a, int i, const char* name) {
  const double v = a.number(i, name);
  if (!std::isfinite(v)) a.fail("ERR_ARG", std::string("expected ") + name + " to be finite, received " + std::to_string(v));
  return v;
}

// dropout(x, y, rate, seed, stream, counter)
void dropout(Args& a) {
  const int64_t n = a.length(0, "x");
  const double rate = a.number(2, "rate");
  if (!(rate >= 0 && rate < 1)) a.fail("ERR_ARG", "expected rate in [0,1), received " + std::to_string(rate));
  const RandomStream random{word(a, 3, "seed"), word(a, 4, "stream"), (uint64_t)a.count(5, "counter")};
  const uint32_t threshold = (uint32_t)std::ceil(rate * 0x1p24);
  const double scale = 1 / (1 - rate);
  if (a.is_double(0)) ref::f64_dropout(a.array<double>(0, "x", n), a.array<double>(1, "y", n), n, threshold, scale, random);
  else kernels().f32_dropout(a.array<float>(0, "x", n), a.array<float>(1, "y", n), n, threshold, (float)scale, random);
}

// randomUniform(y, low, high, seed, stream)
void random_uniform(Args& a) {
  const int64_t n = a.length(0, "y");
  const double low = finite(a, 1, "low"), high = finite(a, 2, "high");
  if (low > high) a.fail("ERR_ARG", "expected low <= high, received " + std::to_string(low) + " and " + std::to_string(high));
  const RandomStream random{word(a, 3, "seed"), word(a, 4, "stream"), 0};
  if (a.is_double(0)) {
    ref::f64_random_uniform(a.array<double>(0, "y", n), n, low, high - low, std::nextafter(high, low), random);
  } else {
    const float l = (float)low, h = (float)high;
    kernels().f32_random_uniform(a.array<float>(0, "y", n), n, l, (float)(high - low), std::nextafter(h, l), random);
  }
}

// randomNormal(y, mean, stddev, truncated, seed, stream, counter = 0)
void random_normal(Args& a) {
  const int64_t n = a.length(0, "y");
  const double mean = finite(a, 1, "mean"), stddev = finite(a, 2, "stddev");
  if (stddev < 0) a.fail("ERR_ARG", "expected stddev >= 0, received " + std::to_string(stddev));
  const bool truncated = a.boolean(3, "truncated");
  const RandomStream random{word(a, 4, "seed"), word(a, 5, "stream"), a.absent(6) ? 0 : (uint64_t)a.count(6, "counter")};
  if (a.is_double(0)) ref::f64_random_normal(a.array<double>(0, "y", n), n, mean, stddev, truncated, random);
  else kernels().f32_random_normal(a.array<float>(0, "y", n), n, (float)mean, (float)stddev, truncated, random);
}

}  // namespace

extern const Binding bindings_dropout[] = {
    {"dropout", dropout},
    {"randomUniform", random_uniform},
    {"randomNormal", random_normal},
    {nullptr, nullptr},
};

}  // namespace saraf

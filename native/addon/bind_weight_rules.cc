// Penalties and lengths of weights.
#include "addon/args.h"
#include "kernels/weight_rules/weight_rules.h"

namespace saraf {

namespace {

// penaltySums(w, sums)
void penalty_sums_of(Args& a) {
  const int64_t n = a.length(0, "w");
  double* sums = a.array<double>(1, "sums", 2);
  by_float_type(a, 0, [&](auto zero) { penalty_sums(a.array<decltype(zero)>(0, "w", n), n, sums); });
}

// penaltyGradient(w, g, l1, twiceL2)
void penalty_gradient_of(Args& a) {
  const int64_t n = a.length(0, "w");
  const double l1 = a.number(2, "l1"), twice_l2 = a.number(3, "twiceL2");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    penalty_gradient(a.array<T>(0, "w", n), a.array<T>(1, "g", n), n, l1, twice_l2);
  });
}

// bringToLengths(w, of, norms, least, most, rate)
void bring_to_lengths_of(Args& a) {
  const int64_t n = a.length(0, "w"), vectors = a.length(2, "norms");
  const int32_t* of = a.optional<int32_t>(1, "of", n);
  double* norms = a.array<double>(2, "norms", vectors);
  if (n > 0 && vectors == 0) a.fail("ERR_SHAPE", "expected norms of at least 1 value, received 0");
  if (of) {
    for (int64_t i = 0; i < n; ++i)
      if (of[i] < 0 || of[i] >= vectors) a.fail("ERR_ARG", "expected of in [0, " + std::to_string(vectors) + "), received " + std::to_string(of[i]));
  } else if (n > 0 && n % vectors != 0) {
    a.fail("ERR_SHAPE", "expected w of a multiple of " + std::to_string(vectors) + " values, received " + std::to_string(n));
  }
  const Lengths lengths{a.number(3, "least"), a.number(4, "most"), a.number(5, "rate")};
  by_float_type(a, 0, [&](auto zero) { bring_to_lengths(a.array<decltype(zero)>(0, "w", n), n, of, vectors, norms, lengths); });
}

}  // namespace

extern const Binding bindings_weight_rules[] = {
    {"penaltySums", penalty_sums_of},
    {"penaltyGradient", penalty_gradient_of},
    {"bringToLengths", bring_to_lengths_of},
    {nullptr, nullptr},
};

}  // namespace saraf

// What a weight has beside its gradient: penalties (Keras' regularizers) and lengths (its constraints).
//
// Sums and factors are double, whatever the weight is, and what is written is rounded once. Sums run in ascending order, so each
// is one chain; of vectors along the first axes many run side by side. Compiled once, for the baseline: every step is one
// operation of IEEE arithmetic, which no instruction set and no number of threads changes.
#pragma once
#include <cstdint>

namespace saraf {

// sums = {Σ|w|, Σw²}.
template <class T>
void penalty_sums(const T* w, int64_t n, double* sums);

// g += l1·sign(w) + twice_l2·w, from left to right; the sign of 0 is 0.
template <class T>
void penalty_gradient(const T* w, T* g, int64_t n, double l1, double twice_l2);

// To which lengths vectors are brought: f = (rate·min(max(norm, least), most) + (1-rate)·norm) / (1e-7 + norm), w = f·w. With
// rate 1 the second term is left out.
struct Lengths {
  double least, most, rate;
};

// Value i belongs to vector of[i] < vectors, or, where `of` is null, to i % vectors; n is then a multiple of `vectors`. `norms` has
// room for `vectors`.
template <class T>
void bring_to_lengths(T* w, int64_t n, const int32_t* of, int64_t vectors, double* norms, const Lengths& lengths);

}  // namespace saraf

#include "kernels/norm/batch_norm.h"

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// Columns that one thread takes at a time: whole cache lines of a row, next to each other.
enum : int64_t { kBlock = 4 * kLanes };

bool counts(const uint8_t* mask, int64_t per, int64_t r) { return !mask || mask[r / per] != 0; }

struct Joined {
  int64_t n;
  float t, share;  // n₂ / (n₁ + n₂), n₁·t
};

SARAF_INLINE Joined joining(int64_t n1, int64_t n2) {
  const float t = (float)n2 / (float)(n1 + n2);
  return {n1 + n2, t, (float)n1 * t};
}

// (mean, squares) ← joined with (m, s).
SARAF_INLINE void join(Joined j, vec m, vec s, vec* mean, vec* squares) {
  const vec d = sub(m, *mean);
  *squares = fma(mul(d, d), set1(j.share), add(*squares, s));
  *mean = fma(d, set1(j.t), *mean);
}

// Calls task(group, first column, last) for every row group × block of columns.
template <class F>
void each_block(int64_t rows, int64_t cols, int64_t groups, int64_t cost, F task) {
  const int64_t blocks = (cols + kBlock - 1) / kBlock;
  const int64_t values = (rows / groups + 1) * (cols < kBlock ? cols : (int64_t)kBlock);
  parallel_for(groups * blocks, 1 + region_grain(cost) / values, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t first = t % blocks * kBlock;
      task(t / blocks, first, first + kBlock < cols ? first + kBlock : cols);
    }
  });
}

// means and squares (groups, width) of each row group, in scratch memory.
void group_moments(const BatchNormArgs<float>& a, int64_t groups, int64_t width, float* means, float* squares) {
  each_block(a.rows, a.cols, groups, 150, [&](int64_t g, int64_t first, int64_t last) {
    const int64_t end = group_begin(a.rows, groups, g + 1);
    int64_t joined = 0;
    for (int64_t c = first; c < last; c += kLanes) {
      store(means + g * width + c, zero());
      store(squares + g * width + c, zero());
    }
    for (int64_t r = group_begin(a.rows, groups, g); r < end;) {
      const int64_t stop = r + next_chunk(end - r), n = counted_rows(a.mask, a.rows_per_mask, r, stop);
      if (n > 0) {
        const vec count = set1((float)n);
        const Joined j = joining(joined, n);
        for (int64_t c = first; c < last; c += kLanes) {
          const int64_t left = a.cols - c;
          vec sum = zero(), s = zero();
          for (int64_t i = r; i < stop; ++i)
            if (counts(a.mask, a.rows_per_mask, i)) sum = add(sum, load_n(a.x + i * a.cols + c, left));
          vec m = div(sum, count);
          for (int64_t i = r; i < stop; ++i)
            if (counts(a.mask, a.rows_per_mask, i)) {
              const vec d = sub(load_n(a.x + i * a.cols + c, left), m);
              s = fma(d, d, s);
            }
          if (joined > 0) {
            vec mean = load(means + g * width + c), square = load(squares + g * width + c);
            join(j, m, s, &mean, &square);
            m = mean;
            s = square;
          }
          store(means + g * width + c, m);
          store(squares + g * width + c, s);
        }
        joined += n;
      }
      r = stop;
    }
  });
}

// mean, rstd and the moving statistics from the batch.
void batch_statistics(const BatchNormArgs<float>& a) {
  const int64_t groups = weight_groups(a.rows, a.cols), width = (a.cols + kLanes - 1) / kLanes * kLanes;
  float* means = scratch_floats(Slot::kReduce, (size_t)(2 * groups * width));
  float* squares = means + groups * width;
  group_moments(a, groups, width, means, squares);
  const vec one = set1(1.0f), momentum = set1(a.momentum), rest = set1(1.0f - a.momentum);
  for (int64_t c = 0; c < a.cols; c += kLanes) {
    const int64_t left = a.cols - c;
    vec mean = zero(), square = zero();
    int64_t n = 0;
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t own = counted_rows(a.mask, a.rows_per_mask, group_begin(a.rows, groups, g), group_begin(a.rows, groups, g + 1));
      if (own == 0) continue;
      const vec m = load(means + g * width + c), s = load(squares + g * width + c);
      if (n == 0) {
        mean = m;
        square = s;
      } else {
        join(joining(n, own), m, s, &mean, &square);
      }
      n += own;
    }
    const vec variance = n == 0 ? zero() : div(square, set1((float)n));
    if (a.moving_mean) store_n(a.moving_mean + c, fma(load_n(a.moving_mean + c, left), momentum, mul(mean, rest)), left);
    if (a.moving_variance) store_n(a.moving_variance + c, fma(load_n(a.moving_variance + c, left), momentum, mul(variance, rest)), left);
    store_n(a.mean + c, mean, left);
    store_n(a.rstd + c, div(one, sqrt(add(variance, set1(a.epsilon)))), left);
  }
}

int64_t row_grain(int64_t cols) { return 1 + region_grain(150) / (cols + 16); }

// Sums of dy·n and dy per column, into gamma_sums and beta_sums (width).
void gradient_sums(const BatchNormGradArgs<float>& a, int64_t groups, int64_t width, float* gamma_sums, float* beta_sums) {
  each_block(a.rows, a.cols, groups, 150, [&](int64_t g, int64_t first, int64_t last) {
    const int64_t end = group_begin(a.rows, groups, g + 1);
    bool assigned = false;
    for (int64_t c = first; c < last; c += kLanes) {
      store(gamma_sums + g * width + c, zero());
      store(beta_sums + g * width + c, zero());
    }
    for (int64_t r = group_begin(a.rows, groups, g); r < end; assigned = true) {
      const int64_t stop = r + next_chunk(end - r);
      for (int64_t c = first; c < last; c += kLanes) {
        const int64_t left = a.cols - c;
        const vec mean = load_n(a.mean + c, left), rstd = load_n(a.rstd + c, left);
        vec gamma = zero(), beta = zero();
        for (int64_t i = r; i < stop; ++i) {
          const vec dy = load_n(a.dy + i * a.cols + c, left);
          gamma = fma(dy, mul(sub(load_n(a.x + i * a.cols + c, left), mean), rstd), gamma);
          beta = add(beta, dy);
        }
        if (assigned) {
          gamma = add(load(gamma_sums + g * width + c), gamma);
          beta = add(load(beta_sums + g * width + c), beta);
        }
        store(gamma_sums + g * width + c, gamma);
        store(beta_sums + g * width + c, beta);
      }
      r = stop;
    }
  });
  for (int64_t c = 0; c < width; c += kLanes) {
    vec gamma = load(gamma_sums + c), beta = load(beta_sums + c);
    for (int64_t g = 1; g < groups; ++g) {
      gamma = add(gamma, load(gamma_sums + g * width + c));
      beta = add(beta, load(beta_sums + g * width + c));
    }
    store(gamma_sums + c, gamma);
    store(beta_sums + c, beta);
    if (a.dgamma) store_n(a.dgamma + c, gamma, a.cols - c);
    if (a.dbeta) store_n(a.dbeta + c, beta, a.cols - c);
  }
}

}  // namespace

void f32_batch_norm_fwd(const BatchNormArgs<float>& args) {
  SARAF_MARK(f32_batch_norm_fwd);
  const BatchNormArgs<float> a = args;
  const int64_t cols = a.cols;
  if (a.training) {
    batch_statistics(a);
  } else {
    for (int64_t c = 0; c < cols; c += kLanes) {
      const int64_t left = cols - c;
      store_n(a.mean + c, load_n(a.moving_mean + c, left), left);
      store_n(a.rstd + c, div(set1(1.0f), sqrt(add(load_n(a.moving_variance + c, left), set1(a.epsilon)))), left);
    }
  }
  parallel_for(a.rows, row_grain(cols), [&a, cols](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float* x = a.x + r * cols;
      float* y = a.y + r * cols;
      for (int64_t c = 0; c < cols; c += kLanes) {
        const int64_t left = cols - c;
        vec n = mul(sub(load_n(x + c, left), load_n(a.mean + c, left)), load_n(a.rstd + c, left));
        if (a.gamma && a.beta) n = fma(n, load_n(a.gamma + c, left), load_n(a.beta + c, left));
        else if (a.gamma) n = mul(n, load_n(a.gamma + c, left));
        else if (a.beta) n = add(n, load_n(a.beta + c, left));
        store_n(y + c, n, left);
      }
    }
  });
}

void f32_batch_norm_bwd(const BatchNormGradArgs<float>& args) {
  SARAF_MARK(f32_batch_norm_bwd);
  const BatchNormGradArgs<float> a = args;
  const int64_t cols = a.cols, groups = weight_groups(a.rows, cols), width = (cols + kLanes - 1) / kLanes * kLanes;
  const bool sums = a.dgamma || a.dbeta || a.training;
  float* gamma_sums = scratch_floats(Slot::kReduce, (size_t)((2 * groups + 3) * width));
  float* beta_sums = gamma_sums + groups * width;
  if (sums) gradient_sums(a, groups, width, gamma_sums, beta_sums);
  if (!a.dx) return;
  float *scale = beta_sums + groups * width, *mean_dn = scale + width, *mean_d = mean_dn + width;
  const vec counted = set1((float)counted_rows(a.mask, a.rows_per_mask, 0, a.rows));
  for (int64_t c = 0; c < cols; c += kLanes) {
    const vec rstd = load_n(a.rstd + c, cols - c);
    store(scale + c, a.gamma ? mul(load_n(a.gamma + c, cols - c), rstd) : rstd);
    if (!sums) continue;
    store(mean_dn + c, div(load(gamma_sums + c), counted));
    store(mean_d + c, div(load(beta_sums + c), counted));
  }
  parallel_for(a.rows, row_grain(cols), [&a, cols, scale, mean_dn, mean_d](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const float *x = a.x + r * cols, *dy = a.dy + r * cols;
      const bool part = a.training && counts(a.mask, a.rows_per_mask, r);
      for (int64_t c = 0; c < cols; c += kLanes) {
        const int64_t left = cols - c;
        vec d = load_n(dy + c, left);
        if (part) {
          const vec n = mul(sub(load_n(x + c, left), load_n(a.mean + c, left)), load_n(a.rstd + c, left));
          d = sub(d, fma(n, load(mean_dn + c), load(mean_d + c)));
        }
        store_n(a.dx + r * cols + c, mul(load(scale + c), d), left);
      }
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf

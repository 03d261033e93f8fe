#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/pool_pairs.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void pool_pairs_fwd(const ConvShape& s, const T* z, T* y, uint8_t* taps) {
  const int64_t PH = s.OH / 2, PW = s.OW / 2;
  parallel_for(s.N * PH * PW, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t px = p % PW, py = p / PW % PH, n = p / PW / PH;
      for (int64_t f = 0; f < s.F; ++f) {
        T best = 0;
        for (int tap = 0; tap < 4; ++tap) {
          const T value = z[((n * s.OH + 2 * py + tap / 2) * s.OW + 2 * px + tap % 2) * s.F + f];
          if (tap > 0 && !(value > best) && value == value) continue;
          best = value;
          taps[p * s.F + f] = (uint8_t)tap;
        }
        y[p * s.F + f] = best;
      }
    }
  });
}

template <class T>
void pool_pairs_bwd(const ConvShape& s, const T* y, const uint8_t* taps, const T* dy, T* dz, T* db, Activation act) {
  const int64_t PH = s.OH / 2, PW = s.OW / 2, rows = s.N * s.OH * s.OW;
  parallel_for(rows, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t ox = r % s.OW, oy = r / s.OW % s.OH, n = r / s.OW / s.OH;
      const bool inside = oy / 2 < PH && ox / 2 < PW;
      for (int64_t f = 0; f < s.F; ++f) {
        const int64_t at = ((n * PH + oy / 2) * PW + ox / 2) * s.F + f;
        const bool won = inside && taps[at] == oy % 2 * 2 + ox % 2;
        dz[r * s.F + f] = won ? ref_activate_grad(y[at], T(0) + dy[at], act) : T(0);
      }
    }
  });
  if (!db) return;
  const int64_t groups = weight_groups(rows, s.F);
  for (int64_t f = 0; f < s.F; ++f) db[f] = ordered_sum(T(0), rows, groups, [&](int64_t r) { return dz[r * s.F + f]; });
}

}  // namespace

void f32_pool_pairs_fwd(const ConvShape& s, const float* z, float* y, uint8_t* taps) {
  SARAF_MARK(f32_pool_pairs_fwd);
  pool_pairs_fwd(s, z, y, taps);
}
void f64_pool_pairs_fwd(const ConvShape& s, const double* z, double* y, uint8_t* taps) { pool_pairs_fwd(s, z, y, taps); }
void f32_pool_pairs_bwd(const ConvShape& s, const float* y, const uint8_t* taps, const float* dy, float* dz, float* db, Activation act) {
  SARAF_MARK(f32_pool_pairs_bwd);
  pool_pairs_bwd(s, y, taps, dy, dz, db, act);
}
void f64_pool_pairs_bwd(const ConvShape& s, const double* y, const uint8_t* taps, const double* dy, double* dz, double* db, Activation act) {
  pool_pairs_bwd(s, y, taps, dy, dz, db, act);
}

void f32_conv_pool_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* z, float* y, uint8_t* taps, Activation act) {
  SARAF_MARK(f32_conv_pool_fwd);
  f32_conv_fwd(s, x, w, b, z, act);
  f32_pool_pairs_fwd(s, z, y, taps);
}
void f32_conv_pool_bwd_weights(const ConvShape& s, const float* x, const float* y, const uint8_t* taps, const float* dy, float* dz, float* dw,
                               float* db, Activation act) {
  SARAF_MARK(f32_conv_pool_bwd_weights);
  pool_pairs_bwd(s, y, taps, dy, dz, db, act);
  f32_conv_bwd_weights(s, x, dz, dw);
}

}  // namespace ref
}  // namespace saraf

#include "kernels/global_pool/global_pool.h"

#include "core/marks.h"
#include "core/parallel.h"

namespace saraf {
namespace ref {

namespace {

int64_t valid_cells(const GlobalPoolShape& s, const uint8_t* mask, int64_t n) {
  if (!mask) return s.cells;
  int64_t count = 0;
  for (int64_t t = 0; t < s.cells; ++t) count += mask[n * s.cells + t] != 0;
  return count;
}

template <class T>
void average_fwd(const GlobalPoolShape& s, const T* x, const uint8_t* mask, T* y) {
  parallel_for(s.N, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t c = 0; c < s.C; ++c) {
        T sum = 0;
        for (int64_t t = 0; t < s.cells; ++t)
          if (!mask || mask[n * s.cells + t]) sum = sum + x[(n * s.cells + t) * s.C + c];
        y[n * s.C + c] = sum / (T)valid_cells(s, mask, n);
      }
  });
}

template <class T>
void average_bwd(const GlobalPoolShape& s, const T* dy, const uint8_t* mask, T* dx) {
  parallel_for(s.N, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; ++n) {
      const T count = (T)valid_cells(s, mask, n);
      for (int64_t t = 0; t < s.cells; ++t)
        for (int64_t c = 0; c < s.C; ++c) dx[(n * s.cells + t) * s.C + c] = !mask || mask[n * s.cells + t] ? dy[n * s.C + c] / count : T(0);
    }
  });
}

template <class T>
void max_fwd(const GlobalPoolShape& s, const T* x, T* y) {
  parallel_for(s.N, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t c = 0; c < s.C; ++c) {
        T best = x[n * s.cells * s.C + c];
        for (int64_t t = 1; t < s.cells; ++t) {
          const T v = x[(n * s.cells + t) * s.C + c];
          if (v > best || v != v) best = v;
        }
        y[n * s.C + c] = best;
      }
  });
}

template <class T>
void max_bwd(const GlobalPoolShape& s, const T* x, const T* y, const T* dy, T* dx) {
  parallel_for(s.N, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t c = 0; c < s.C; ++c) {
        const int64_t out = n * s.C + c;
        T count = 0;
        for (int64_t t = 0; t < s.cells; ++t) count += x[(n * s.cells + t) * s.C + c] == y[out] ? T(1) : T(0);
        const T share = dy[out] / count;
        for (int64_t t = 0; t < s.cells; ++t) {
          const int64_t in = (n * s.cells + t) * s.C + c;
          dx[in] = x[in] == y[out] ? share : T(0);
        }
      }
  });
}

}  // namespace

void f32_global_average_fwd(const GlobalPoolShape& s, const float* x, const uint8_t* mask, float* y) {
  SARAF_MARK(f32_global_average_fwd);
  average_fwd(s, x, mask, y);
}
void f64_global_average_fwd(const GlobalPoolShape& s, const double* x, const uint8_t* mask, double* y) { average_fwd(s, x, mask, y); }

void f32_global_average_bwd(const GlobalPoolShape& s, const float* dy, const uint8_t* mask, float* dx) {
  SARAF_MARK(f32_global_average_bwd);
  average_bwd(s, dy, mask, dx);
}
void f64_global_average_bwd(const GlobalPoolShape& s, const double* dy, const uint8_t* mask, double* dx) { average_bwd(s, dy, mask, dx); }

void f32_global_max_fwd(const GlobalPoolShape& s, const float* x, float* y) {
  SARAF_MARK(f32_global_max_fwd);
  max_fwd(s, x, y);
}
void f64_global_max_fwd(const GlobalPoolShape& s, const double* x, double* y) { max_fwd(s, x, y); }

void f32_global_max_bwd(const GlobalPoolShape& s, const float* x, const float* y, const float* dy, float* dx) {
  SARAF_MARK(f32_global_max_bwd);
  max_bwd(s, x, y, dy, dx);
}
void f64_global_max_bwd(const GlobalPoolShape& s, const double* x, const double* y, const double* dy, double* dx) { max_bwd(s, x, y, dy, dx); }

}  // namespace ref
}  // namespace saraf

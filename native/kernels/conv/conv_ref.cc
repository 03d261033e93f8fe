#include <cmath>
#include <vector>

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/winograd.h"

namespace saraf {
namespace ref {

namespace {

// One buffer per thread, taken before the parallel region.
template <class T>
std::vector<std::vector<T>> per_thread(int64_t n) {
  return std::vector<std::vector<T>>((size_t)thread_count(), std::vector<T>((size_t)n));
}

// ordered_dot of order.h without the terms for which absent[k].
template <class A, class B>
float dot_of_present(float, int64_t K, int64_t groups, const char* absent, A a, B b) {
  float total = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = group_begin(K, groups, g + 1);
    int64_t k = group_begin(K, groups, g);
    float group = 0;
    for (bool first = true; k < end; first = false) {
      const int64_t stop = k + next_chunk(end - k);
      float chain = 0;
      for (; k < stop; ++k)
        if (!absent[k]) chain = std::fmaf(a(k), b(k), chain);
      group = first ? chain : group + chain;
    }
    total = g == 0 ? group : total + group;
  }
  return total;
}
template <class A, class B>
double dot_of_present(double, int64_t K, int64_t, const char* absent, A a, B b) {
  double total = 0;
  for (int64_t k = 0; k < K; ++k)
    if (!absent[k]) total += a(k) * b(k);
  return total;
}

template <class T>
void conv_fwd(const ConvShape& s, const T* x, const T* w, const T* b, T* y, Activation act) {
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups, K = s.kh * s.kw * Cg;
  auto patches = per_thread<T>(K);
  auto absences = per_thread<char>(K);
  parallel_for(s.N * s.OH * s.OW, 1, [&](int64_t begin, int64_t end, int thread) {
    T* patch = patches[(size_t)thread].data();
    char* absent = absences[(size_t)thread].data();
    for (int64_t m = begin; m < end; ++m) {
      const int64_t ox = m % s.OW, oy = m / s.OW % s.OH, n = m / s.OW / s.OH;
      for (int64_t g = 0; g < s.groups; ++g) {
        int64_t k = 0;
        for (int64_t ky = 0; ky < s.kh; ++ky)
          for (int64_t kx = 0; kx < s.kw; ++kx) {
            const int64_t iy = oy * s.sh - s.pt + ky * s.dh, ix = ox * s.sw - s.pl + kx * s.dw;
            const bool line = iy >= 0 && iy < s.H, inside = line && ix >= 0 && ix < s.W;
            for (int64_t c = 0; c < Cg; ++c, ++k) {
              patch[k] = inside ? x[((n * s.H + iy) * s.W + ix) * s.C + g * Cg + c] : T(0);
              absent[k] = !line;
            }
          }
        for (int64_t f = g * Fg; f < (g + 1) * Fg; ++f) {
          T sum = dot_of_present(T(0), K, 1, absent, [&](int64_t i) { return patch[i]; }, [&](int64_t i) { return w[i * s.F + f]; });
          if (b) sum = sum + b[f];
          y[m * s.F + f] = ref_activate(sum, act);
        }
      }
    }
  });
}

template <class T>
void conv_bwd_data(const ConvShape& s, const T* dz, const T* w, T* dx) {
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups;
  auto patches = per_thread<T>(s.kh * s.kw * Fg);
  auto absences = per_thread<char>(s.kh * s.kw * Fg);
  auto places = per_thread<int64_t>(s.kh * s.kw * Fg);  // of w[ky,kx,0,f]
  parallel_for(s.N * s.H * s.W, 1, [&](int64_t begin, int64_t end, int thread) {
    T* patch = patches[(size_t)thread].data();
    char* absent = absences[(size_t)thread].data();
    int64_t* place = places[(size_t)thread].data();
    for (int64_t m = begin; m < end; ++m) {
      const int64_t ix = m % s.W, iy = m / s.W % s.H, n = m / s.W / s.H;
      for (int64_t g = 0; g < s.groups; ++g) {
        int64_t K = 0;
        for (int64_t ky = s.kh - 1; ky >= 0; --ky)
          for (int64_t kx = s.kw - 1; kx >= 0; --kx) {
            const int64_t v = iy + s.pt - ky * s.dh, u = ix + s.pl - kx * s.dw;  // oy·sh, ox·sw
            if (v % s.sh != 0 || u % s.sw != 0) continue;
            const int64_t oy = v / s.sh, ox = u / s.sw;
            const bool line = v >= 0 && oy < s.OH, inside = line && u >= 0 && ox < s.OW;
            for (int64_t f = g * Fg; f < (g + 1) * Fg; ++f) {
              patch[K] = inside ? dz[((n * s.OH + oy) * s.OW + ox) * s.F + f] : T(0);
              absent[K] = !line;
              place[K++] = (ky * s.kw + kx) * Cg * s.F + f;
            }
          }
        for (int64_t c = 0; c < Cg; ++c)
          dx[m * s.C + g * Cg + c] =
              dot_of_present(T(0), K, 1, absent, [&](int64_t i) { return patch[i]; }, [&](int64_t i) { return w[place[i] + c * s.F]; });
      }
    }
  });
}

template <class T>
void conv_bwd_weights(const ConvShape& s, const T* x, const T* dz, T* dw) {
  const int64_t Cg = s.C / s.groups, Fg = s.F / s.groups, K = s.N * s.OH * s.OW;
  const int64_t sum_groups = weight_groups(K, s.kh * s.kw * Cg * Fg);
  auto columns = per_thread<T>(K);
  auto absences = per_thread<char>(K);
  parallel_for(s.groups * s.kh * s.kw * Cg, 1, [&](int64_t begin, int64_t end, int thread) {
    T* column = columns[(size_t)thread].data();
    char* absent = absences[(size_t)thread].data();
    for (int64_t i = begin; i < end; ++i) {
      const int64_t c = i % Cg, kx = i / Cg % s.kw, ky = i / Cg / s.kw % s.kh, g = i / Cg / s.kw / s.kh;
      for (int64_t k = 0; k < K; ++k) {
        const int64_t ox = k % s.OW, oy = k / s.OW % s.OH, n = k / s.OW / s.OH;
        const int64_t iy = oy * s.sh - s.pt + ky * s.dh, ix = ox * s.sw - s.pl + kx * s.dw;
        const bool line = iy >= 0 && iy < s.H, inside = line && ix >= 0 && ix < s.W;
        absent[k] = !line;
        column[k] = inside ? x[((n * s.H + iy) * s.W + ix) * s.C + g * Cg + c] : T(0);
      }
      for (int64_t f = g * Fg; f < (g + 1) * Fg; ++f)
        dw[((ky * s.kw + kx) * Cg + c) * s.F + f] =
            dot_of_present(T(0), K, sum_groups, absent, [&](int64_t k) { return column[k]; }, [&](int64_t k) { return dz[k * s.F + f]; });
    }
  });
}

}  // namespace

void f32_conv_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_conv_fwd);
  if (winograd_takes_fwd(s)) return f32_winograd_fwd(s, x, w, b, y, act);
  conv_fwd(s, x, w, b, y, act);
}
void f64_conv_fwd(const ConvShape& s, const double* x, const double* w, const double* b, double* y, Activation act) {
  conv_fwd(s, x, w, b, y, act);
}
void f32_conv_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_conv_bwd_data);
  if (winograd_takes_bwd_data(s)) return f32_winograd_bwd_data(s, dz, w, dx);
  conv_bwd_data(s, dz, w, dx);
}
void f64_conv_bwd_data(const ConvShape& s, const double* dz, const double* w, double* dx) { conv_bwd_data(s, dz, w, dx); }
void f32_conv_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_conv_bwd_weights);
  if (winograd_takes_bwd_weights(s)) return f32_winograd_bwd_weights(s, x, dz, dw);
  conv_bwd_weights(s, x, dz, dw);
}
void f64_conv_bwd_weights(const ConvShape& s, const double* x, const double* dz, double* dw) { conv_bwd_weights(s, x, dz, dw); }

}  // namespace ref
}  // namespace saraf

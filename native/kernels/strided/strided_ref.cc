#include "kernels/strided/strided.h"

#include "core/marks.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void move(const MoveArgs<T>& a) {
  for (int64_t i = 0; i < a.clear; ++i) a.clear_from[i] = T(0);
  int64_t outer = 1, terms = 1;
  for (int k = 0; k < a.kept; ++k) outer *= a.length[k];
  for (int k = a.kept; k < a.kept + a.reduced; ++k) terms *= a.length[k];
  for (int64_t i = 0; i < outer; ++i) {
    int64_t rest = i, x = 0, y = 0;
    for (int k = a.kept - 1; k >= 0; --k) {
      x += rest % a.length[k] * a.x_stride[k];
      y += rest % a.length[k] * a.y_stride[k];
      rest /= a.length[k];
    }
    if (a.reduced == 0) {
      a.y[y] = a.x[x];
      continue;
    }
    a.y[y] = ordered_sum(T(0), terms, 1, [&](int64_t term) {
      int64_t at = x;
      for (int k = a.kept + a.reduced - 1; k >= a.kept; --k) {
        at += term % a.length[k] * a.x_stride[k];
        term /= a.length[k];
      }
      return a.x[at];
    });
  }
}

template <class T>
T merged(T a, T b, T c, Merge op) {
  switch (op) {
    case Merge::kAdd: return a + b;
    case Merge::kSubtract: return a - b;
    case Merge::kMultiply: return a * b;
    case Merge::kMaximum: return b > a ? b : a;
    case Merge::kMinimum: return b < a ? b : a;
    case Merge::kWhereNotLess: return b > a ? T(0) : c;
    case Merge::kWhereLess: return b > a ? c : T(0);
    case Merge::kWhereNotMore: return b < a ? T(0) : c;
    case Merge::kWhereMore: return b < a ? c : T(0);
    case Merge::kPrelu: return a > 0 ? a : a * b;
    case Merge::kPreluInput: return a > 0 ? c : a < 0 ? c * b : T(0);
    default: return a < 0 ? c * a : T(0);
  }
}

template <class T>
void merge(const MergeArgs<T>& m) {
  int64_t n = 1;
  for (int k = 0; k < m.axes; ++k) n *= m.length[k];
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = i, a = 0, b = 0;
    for (int k = m.axes - 1; k >= 0; --k) {
      a += rest % m.length[k] * m.a_stride[k];
      b += rest % m.length[k] * m.b_stride[k];
      rest /= m.length[k];
    }
    m.y[i] = merged(m.a[a], m.b[b], m.c ? m.c[i] : T(0), m.op);
  }
}

template <class T>
void bilinear_fwd(const BilinearShape& s, const T* x, T* y) {
  for (int64_t n = 0; n < s.N; ++n)
    for (int64_t oh = 0; oh < s.H * s.sh; ++oh)
      for (int64_t ow = 0; ow < s.W * s.sw; ++ow) {
        int64_t h0, h1, w0, w1, fh, fw;
        bilinear_source(oh, s.H, s.sh, &h0, &h1, &fh);
        bilinear_source(ow, s.W, s.sw, &w0, &w1, &fw);
        const T fy = (T)fh / (T)(2 * s.sh), fx = (T)fw / (T)(2 * s.sw);
        for (int64_t c = 0; c < s.C; ++c) {
          auto at = [&](int64_t h, int64_t w) { return x[((n * s.H + h) * s.W + w) * s.C + c]; };
          const T t = ref_fma(at(h0, w1) - at(h0, w0), fx, at(h0, w0)), b = ref_fma(at(h1, w1) - at(h1, w0), fx, at(h1, w0));
          y[((n * s.H * s.sh + oh) * s.W * s.sw + ow) * s.C + c] = ref_fma(b - t, fy, t);
        }
      }
}

// The share of output o that comes from input i.
template <class T>
T weight_of(int64_t i, int64_t o, int64_t n, int64_t s) {
  int64_t i0, i1, numerator;
  bilinear_source(o, n, s, &i0, &i1, &numerator);
  const T f = (T)numerator / (T)(2 * s);
  return (i == i0 ? T(1) - f : T(0)) + (i == i1 ? f : T(0));
}

template <class T>
void bilinear_bwd(const BilinearShape& s, const T* dy, T* dx) {
  const int64_t OH = s.H * s.sh, OW = s.W * s.sw;
  auto first = [](int64_t i, int64_t scale) { return i == 0 ? 0 : (i - 1) * scale; };
  for (int64_t n = 0; n < s.N; ++n)
    for (int64_t h = 0; h < s.H; ++h)
      for (int64_t w = 0; w < s.W; ++w)
        for (int64_t c = 0; c < s.C; ++c) {
          T sum = 0;
          for (int64_t oh = first(h, s.sh); oh < OH && oh < (h + 2) * s.sh; ++oh) {
            const T wy = weight_of<T>(h, oh, s.H, s.sh);
            for (int64_t ow = first(w, s.sw); ow < OW && ow < (w + 2) * s.sw; ++ow)
              sum = ref_fma(wy * weight_of<T>(w, ow, s.W, s.sw), dy[((n * OH + oh) * OW + ow) * s.C + c], sum);
          }
          dx[((n * s.H + h) * s.W + w) * s.C + c] = sum;
        }
}

}  // namespace

void f32_move(const MoveArgs<float>& a) {
  SARAF_MARK(f32_move);
  move(a);
}
void f64_move(const MoveArgs<double>& a) { move(a); }
void f32_merge(const MergeArgs<float>& a) {
  SARAF_MARK(f32_merge);
  merge(a);
}
void f64_merge(const MergeArgs<double>& a) { merge(a); }
void f32_bilinear_fwd(const BilinearShape& s, const float* x, float* y) {
  SARAF_MARK(f32_bilinear_fwd);
  bilinear_fwd(s, x, y);
}
void f64_bilinear_fwd(const BilinearShape& s, const double* x, double* y) { bilinear_fwd(s, x, y); }
void f32_bilinear_bwd(const BilinearShape& s, const float* dy, float* dx) {
  SARAF_MARK(f32_bilinear_bwd);
  bilinear_bwd(s, dy, dx);
}
void f64_bilinear_bwd(const BilinearShape& s, const double* dy, double* dx) { bilinear_bwd(s, dy, dx); }

}  // namespace ref
}  // namespace saraf

#include "kernels/conv/depth.h"

#include <cstring>

#include "core/parallel.h"
#include "core/region.h"

namespace saraf {

namespace {

// Lines of an image are shared among threads; a value takes two moves through memory.
int64_t line_grain(int64_t values) { return region_grain(300 * values); }

template <class T>
void unfold(const ConvShape& s, const DepthShape& d, const T* x, T* out) {
  const int64_t channels = s.C / d.kd / s.groups, blocks = s.W * s.groups, line = blocks * channels;
  parallel_for(s.N * s.H, line_grain(d.kd * line), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = i / s.H, iy = i % s.H, n = image / d.OD, oz = image % d.OD;
      for (int64_t kz = 0; kz < d.kd; ++kz) {
        const int64_t iz = oz * d.sd - d.pf + kz * d.dd;
        const T* from = x + ((n * d.D + iz) * s.H + iy) * line;
        T* to = out + (i * blocks * d.kd + kz) * channels;
        const bool inside = iz >= 0 && iz < d.D;
        for (int64_t b = 0; b < blocks; ++b, to += d.kd * channels)
          for (int64_t c = 0; c < channels; ++c) to[c] = inside ? from[b * channels + c] : T(0);
      }
    }
  });
}

template <class T>
void fold(const ConvShape& s, const DepthShape& d, const T* in, T* x) {
  const int64_t channels = s.C / d.kd / s.groups, blocks = s.W * s.groups, line = blocks * channels;
  parallel_for(s.N / d.OD * d.D * s.H, line_grain(d.kd * line), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t volume = i / s.H, iy = i % s.H, n = volume / d.D, iz = volume % d.D;
      T* to = x + i * line;
      bool first = true;
      for (int64_t kz = 0; kz < d.kd; ++kz) {
        const int64_t start = iz + d.pf - kz * d.dd, oz = start / d.sd;
        if (start < 0 || start % d.sd != 0 || oz >= d.OD) continue;
        const T* from = in + (((n * d.OD + oz) * s.H + iy) * blocks * d.kd + kz) * channels;
        for (int64_t b = 0; b < blocks; ++b, from += d.kd * channels)
          for (int64_t c = 0; c < channels; ++c) to[b * channels + c] = first ? from[c] : to[b * channels + c] + from[c];
        first = false;
      }
      if (first) memset(to, 0, (size_t)line * sizeof(T));
    }
  });
}

// Rows of Cg·F values change places.
template <class T>
void turn_kernel(const ConvShape& s, const DepthShape& d, const T* in, T* out, bool back) {
  const int64_t taps = s.kh * s.kw, row = s.C / d.kd / s.groups * s.F;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t kz = 0; kz < d.kd; ++kz) {
      const int64_t planes = (tap * d.kd + kz) * row, volume = (kz * taps + tap) * row;
      memcpy(out + (back ? volume : planes), in + (back ? planes : volume), (size_t)row * sizeof(T));
    }
}

}  // namespace

void unfold_depth(const ConvShape& s, const DepthShape& d, const float* x, float* out) { unfold(s, d, x, out); }
void unfold_depth(const ConvShape& s, const DepthShape& d, const double* x, double* out) { unfold(s, d, x, out); }
void fold_depth(const ConvShape& s, const DepthShape& d, const float* in, float* x) { fold(s, d, in, x); }
void fold_depth(const ConvShape& s, const DepthShape& d, const double* in, double* x) { fold(s, d, in, x); }
void unfold_kernel(const ConvShape& s, const DepthShape& d, const float* w, float* out) { turn_kernel(s, d, w, out, false); }
void unfold_kernel(const ConvShape& s, const DepthShape& d, const double* w, double* out) { turn_kernel(s, d, w, out, false); }
void fold_kernel(const ConvShape& s, const DepthShape& d, const float* in, float* w) { turn_kernel(s, d, in, w, true); }
void fold_kernel(const ConvShape& s, const DepthShape& d, const double* in, double* w) { turn_kernel(s, d, in, w, true); }

}  // namespace saraf

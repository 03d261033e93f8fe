// The arrays of a convolution over volumes as those of one over planes (kernels/conv/depth.h), in scratch; without depth the arrays
// themselves.
#pragma once
#include "core/scratch.h"
#include "kernels/conv/depth.h"

namespace saraf {

template <class T>
class Volume {
 public:
  Volume(const ConvShape& planes, const DepthShape& depth) : s_(planes), d_(depth) {}

  int64_t values() const { return s_.N / d_.OD * d_.D * s_.H * s_.W * (s_.C / d_.kd); }
  int64_t weights() const { return s_.kh * s_.kw * (s_.C / s_.groups) * s_.F; }

  // Takes the scratch, once the lengths of all arrays are checked.
  void take(bool gradients) {
    if (d_.plain()) return;
    const int64_t values = padded(s_.N * s_.H * s_.W * s_.C), weights = padded(this->weights());
    planes_ = static_cast<T*>(scratch_bytes(Slot::kConvDepth, (size_t)((gradients ? 2 : 1) * (values + weights)) * sizeof(T)));
    kernel_ = planes_ + values;
    if (!gradients) return;
    d_planes_ = kernel_ + weights;
    d_kernel_ = d_planes_ + values;
  }

  // x and w as the convolution over planes reads them.
  const T* planes(const T* x) const {
    if (d_.plain()) return x;
    unfold_depth(s_, d_, x, planes_);
    return planes_;
  }
  const T* kernel(const T* w) const {
    if (d_.plain()) return w;
    unfold_kernel(s_, d_, w, kernel_);
    return kernel_;
  }

  // Where that convolution writes planes that `give` adds up to x, or gradients that `give` brings to dx and dw; null stays null.
  T* made(T* x) const { return d_.plain() ? x : planes_; }
  T* d_planes(T* dx) const { return d_.plain() || !dx ? dx : d_planes_; }
  T* d_kernel(T* dw) const { return d_.plain() || !dw ? dw : d_kernel_; }
  void give_made(T* x) const {
    if (!d_.plain()) fold_depth(s_, d_, planes_, x);
  }
  void give_gradients(T* dx, T* dw) const {
    if (d_.plain()) return;
    if (dx) fold_depth(s_, d_, d_planes_, dx);
    if (dw) fold_kernel(s_, d_, d_kernel_, dw);
  }

 private:
  static int64_t padded(int64_t n) { return (n + 15) / 16 * 16; }

  const ConvShape& s_;
  const DepthShape& d_;
  T *planes_ = nullptr, *kernel_ = nullptr, *d_planes_ = nullptr, *d_kernel_ = nullptr;
};

}  // namespace saraf

// Convolution over volumes, by the convolution over planes (conv.h): x (N,D,H,W,C) becomes N·OD images (H,W,kd·C), each of the kd
// planes that an output plane sees, and the kernel (kd,kh,kw,Cg,F) becomes (kh,kw,kd·Cg,F). So y is a chunked sum over k =
// (ky,kx,kz,c), dw a grouped one over (n,oz,oy,ox), and a plane outside the volume takes part as 0.
//
//   unfold  planes[n,oz,iy,ix,g,kz,c] = x[n, oz·sd−pf+kz·dd, iy,ix,g,c], or 0 outside; g < groups, c < Cg = C/groups
//   fold    x[n,iz,iy,ix,g,c] = Σ planes[n,oz,iy,ix,g,kz,c] over the kz ascending with oz·sd−pf+kz·dd = iz, in plain adds; 0 without any
//   kernel  w2[ky,kx,kz,c,f] = w[kz,ky,kx,c,f], there and back
//
// Outputs are written with `=` and alias nothing. Copies and plain adds have the same bits on every instruction set: one variant.
#pragma once
#include "core/shape.h"

namespace saraf {

// What a volume has beside the geometry of its planes, whose N is N·OD and whose C is kd·C.
struct DepthShape {
  int64_t D, kd, sd, dd, pf, OD;
  // Whether the planes are the volume as it lies in memory; so is a convolution without depth.
  bool plain() const { return kd == 1 && sd == 1 && OD == D; }
};

void unfold_depth(const ConvShape& planes, const DepthShape& d, const float* x, float* out);
void unfold_depth(const ConvShape& planes, const DepthShape& d, const double* x, double* out);
void fold_depth(const ConvShape& planes, const DepthShape& d, const float* in, float* x);
void fold_depth(const ConvShape& planes, const DepthShape& d, const double* in, double* x);
void unfold_kernel(const ConvShape& planes, const DepthShape& d, const float* w, float* out);
void unfold_kernel(const ConvShape& planes, const DepthShape& d, const double* w, double* out);
void fold_kernel(const ConvShape& planes, const DepthShape& d, const float* in, float* w);
void fold_kernel(const ConvShape& planes, const DepthShape& d, const double* in, double* w);

}  // namespace saraf

// Winograd's convolution F(4×4,3×3) (Lavin and Gray 2016): outputs are cut into tiles of 4×4, each made from 6×6 inputs by
// 36 products per pair of channels instead of 144.
//
//   U = G·w·Gᵀ,  V = Bᵀ·x·B,  M[ξ,tile,f] = Σ_c V[ξ,tile,c]·U[ξ,c,f] for each of the 36 places ξ,  y = act(Aᵀ·M·A + b)
//   dx: the same of dz with the turned weights, padded by 2 − pt, 2 − pl
//   dw = Gᵀ·(Σ_tile V[ξ,tile,c]·Z[ξ,tile,f])·G with Z = A·dz·Aᵀ
//
// Points 0, ±5/8, ±3/2, ∞: rounding errors 2–7 times the direct kernel's, where the textbook's 0, ±1, ±2, ∞ have 7–23.
// Orders: core/order.h, "Winograd sum". A NaN or an infinity reaches all 16 outputs of the tiles that read it, and all of
// dw for its channel; the direct kernel keeps it to its windows.
#pragma once
#include "core/shape.h"

namespace saraf {

// Which algorithm a convolution takes, by its shape alone; for y and dx not even by the number of images: a row's result does
// not depend on its batch. Tiles that reach past the image are wasted (of 5×5 outputs more than half; from 6×6 on at most
// that), few channels make the transforms cost more than they save, and so do the weights where tiles are few (on one image
// of 8×8 the direct kernel would be up to twice as fast, on 64 of them Winograd is two to three times).
static inline bool winograd_kernel(const ConvShape& s) {
  return s.winograd && s.kh == 3 && s.kw == 3 && s.sh == 1 && s.sw == 1 && s.dh == 1 && s.dw == 1 && s.groups == 1 && s.C >= 16 && s.F >= 16;
}
static inline bool winograd_takes_fwd(const ConvShape& s) { return winograd_kernel(s) && s.OH >= 6 && s.OW >= 6; }
static inline bool winograd_takes_bwd_data(const ConvShape& s) { return winograd_kernel(s) && s.H >= 6 && s.W >= 6; }
static inline bool winograd_takes_bwd_weights(const ConvShape& s) {
  return winograd_takes_fwd(s) && s.N * ((s.OH + 3) / 4) * ((s.OW + 3) / 4) >= 32;
}

// Source (N,H,W,C) → out (N,OH,OW,F), with pt, pl lines and columns of zeros before the source. Strides are tight.
struct WinogradShape {
  int64_t N, H, W, C, OH, OW, F, pt, pl;
  int64_t tile_rows() const { return (OH + 3) / 4; }
  int64_t tile_columns() const { return (OW + 3) / 4; }
  int64_t tiles() const { return N * tile_rows() * tile_columns(); }
};
static inline WinogradShape winograd_fwd_shape(const ConvShape& s) { return {s.N, s.H, s.W, s.C, s.OH, s.OW, s.F, s.pt, s.pl}; }
static inline WinogradShape winograd_bwd_data_shape(const ConvShape& s) { return {s.N, s.OH, s.OW, s.F, s.H, s.W, s.C, 2 - s.pt, 2 - s.pl}; }

#if defined(SARAF_ISA_NS)
// Called by f32_conv_… of the same set where the shape takes Winograd; every output written with `=`.
namespace SARAF_ISA_NS {
void f32_winograd_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act);
void f32_winograd_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx);
void f32_winograd_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw);
}  // namespace SARAF_ISA_NS
#endif

}  // namespace saraf

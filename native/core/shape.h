// Geometry of convolution and pooling as it comes from TypeScript (src/backend/backend.ts, Geometry).
#pragma once
#include <cstdint>

namespace saraf {

struct ConvShape {
  int64_t N, H, W, C, F, kh, kw, sh, sw, dh, dw, pt, pl, OH, OW, groups;
  bool winograd;  // may a convolution take Winograd's algorithm where its shape favours it
  bool bfloat16;  // are products made in bfloat16 (kernels/mixed)
};

// Recurrent: [N, T, D, U, flags].
struct RecurrentShape {
  int64_t N, T, D, U;
  bool reverse, training, zero_output_for_mask, reset_after, add_dx, bfloat16, textbook, dropped_inputs;
};

enum Activation : int { kLinear = 0, kRelu = 1, kSigmoid = 2, kTanh = 3 };

}  // namespace saraf

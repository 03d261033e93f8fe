#include <cmath>
#include <vector>

#include "core/marks.h"
#include "core/order.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "kernels/conv/winograd.h"
#include "kernels/conv/winograd_transform.h"

namespace saraf {
namespace ref {

namespace {

enum { kPlaces = 36 };

// Σ_k a(k)·b(k) in the order of the Winograd sum.
template <class A, class B>
float winograd_dot(int64_t K, A a, B b) {
  float total = 0;
  for (int64_t k = 0; k < K;) {
    const bool first = k == 0;
    const int64_t stop = k + next_winograd_chunk(K - k);
    float chain = 0;
    for (; k < stop; ++k) chain = std::fmaf(a(k), b(k), chain);
    total = first ? chain : total + chain;
  }
  return total;
}

// Where a tile stands.
struct Tile {
  int64_t n, oy, ox;
};
Tile tile_at(const WinogradShape& q, int64_t t) {
  return {t / q.tile_columns() / q.tile_rows(), t / q.tile_columns() % q.tile_rows() * 4, t % q.tile_columns() * 4};
}

// V of a tile and channel: 36 values, `stride` apart.
void transform_input(const WinogradShape& q, const float* x, int64_t t, int64_t c, float* v, int64_t stride) {
  const Tile at = tile_at(q, t);
  vec in[6][6], out[6][6];
  for (int64_t i = 0; i < 6; ++i)
    for (int64_t j = 0; j < 6; ++j) {
      const int64_t iy = at.oy - q.pt + i, ix = at.ox - q.pl + j;
      const bool inside = iy >= 0 && iy < q.H && ix >= 0 && ix < q.W;
      in[i][j] = {inside ? x[((at.n * q.H + iy) * q.W + ix) * q.C + c] : 0.0f};
    }
  winograd_both_axes(WinogradInput(), in, out);
  for (int64_t p = 0; p < kPlaces; ++p) v[p * stride] = out[p / 6][p % 6].v;
}

// weight(ky, kx, c, f)
template <class W>
void convolve(const WinogradShape& q, const float* x, W weight, const float* b, float* y, Activation act) {
  std::vector<float> u((size_t)(kPlaces * q.C * q.F));  // [ξ][c][f]
  parallel_for(q.C, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t c = begin; c < end; ++c)
      for (int64_t f = 0; f < q.F; ++f) {
        vec in[3][3], out[6][6];
        for (int64_t i = 0; i < 9; ++i) in[i / 3][i % 3] = {weight(i / 3, i % 3, c, f)};
        winograd_both_axes(WinogradWeights(), in, out);
        for (int64_t p = 0; p < kPlaces; ++p) u[(size_t)((p * q.C + c) * q.F + f)] = out[p / 6][p % 6].v;
      }
  });
  std::vector<std::vector<float>> inputs((size_t)thread_count(), std::vector<float>((size_t)(kPlaces * q.C)));
  parallel_for(q.tiles(), 1, [&](int64_t begin, int64_t end, int thread) {
    float* v = inputs[(size_t)thread].data();
    for (int64_t t = begin; t < end; ++t) {
      for (int64_t c = 0; c < q.C; ++c) transform_input(q, x, t, c, v + c, q.C);
      const Tile at = tile_at(q, t);
      for (int64_t f = 0; f < q.F; ++f) {
        vec m[6][6], out[4][4];
        for (int64_t p = 0; p < kPlaces; ++p)
          m[p / 6][p % 6] = {winograd_dot(q.C, [&](int64_t c) { return v[p * q.C + c]; }, [&](int64_t c) { return u[(size_t)((p * q.C + c) * q.F + f)]; })};
        winograd_both_axes(WinogradOutput(), m, out);
        for (int64_t i = 0; i < 4 && at.oy + i < q.OH; ++i)
          for (int64_t j = 0; j < 4 && at.ox + j < q.OW; ++j) {
            float sum = out[i][j].v;
            if (b) sum = sum + b[f];
            y[((at.n * q.OH + at.oy + i) * q.OW + at.ox + j) * q.F + f] = ref_activate(sum, act);
          }
      }
    }
  });
}

}  // namespace

void f32_winograd_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_winograd_fwd);
  convolve(winograd_fwd_shape(s), x, [&](int64_t ky, int64_t kx, int64_t c, int64_t f) { return w[((ky * 3 + kx) * s.C + c) * s.F + f]; }, b, y, act);
}

void f32_winograd_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_winograd_bwd_data);
  auto turned = [&](int64_t ky, int64_t kx, int64_t f, int64_t c) { return w[(((2 - ky) * 3 + 2 - kx) * s.C + c) * s.F + f]; };
  convolve(winograd_bwd_data_shape(s), dz, turned, nullptr, dx, kLinear);
}

void f32_winograd_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_winograd_bwd_weights);
  const WinogradShape q = winograd_fwd_shape(s);
  const int64_t tiles = q.tiles();
  std::vector<float> v((size_t)(kPlaces * q.C * tiles)), z((size_t)(kPlaces * q.F * tiles));  // [channel][ξ][tile]
  parallel_for(q.C + q.F, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t k = begin; k < end; ++k)
      for (int64_t t = 0; t < tiles; ++t) {
        if (k < q.C) {
          transform_input(q, x, t, k, v.data() + k * kPlaces * tiles + t, tiles);
          continue;
        }
        const int64_t f = k - q.C;
        const Tile at = tile_at(q, t);
        vec in[4][4], out[6][6];
        for (int64_t i = 0; i < 4; ++i)
          for (int64_t j = 0; j < 4; ++j) {
            const int64_t oy = at.oy + i, ox = at.ox + j;
            in[i][j] = {oy < q.OH && ox < q.OW ? dz[((at.n * q.OH + oy) * q.OW + ox) * q.F + f] : 0.0f};
          }
        winograd_both_axes(WinogradGradient(), in, out);
        for (int64_t p = 0; p < kPlaces; ++p) z[(size_t)((f * kPlaces + p) * tiles + t)] = out[p / 6][p % 6].v;
      }
  });
  parallel_for(q.C, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t c = begin; c < end; ++c)
      for (int64_t f = 0; f < q.F; ++f) {
        vec m[6][6], out[3][3];
        for (int64_t p = 0; p < kPlaces; ++p) {
          const float *a = v.data() + (c * kPlaces + p) * tiles, *d = z.data() + (f * kPlaces + p) * tiles;
          m[p / 6][p % 6] = {winograd_dot(tiles, [&](int64_t t) { return a[t]; }, [&](int64_t t) { return d[t]; })};
        }
        winograd_both_axes(WinogradWeightGradient(), m, out);
        for (int64_t i = 0; i < 9; ++i) dw[(i * q.C + c) * q.F + f] = out[i / 3][i % 3].v;
      }
  });
}

}  // namespace ref
}  // namespace saraf

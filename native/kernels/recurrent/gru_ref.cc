#include "core/marks.h"
#include "kernels/recurrent/recurrent_ref.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void forward(const GruForward<T>& f) {
  const RecurrentShape& s = f.shape;
  const int64_t U = s.U, G = 3 * U;
  struct Row {
    std::vector<T> p, q, r, rh;
  };
  walk_forward<T, Row>(
      f, [&](int64_t) { return Row{std::vector<T>((size_t)G), std::vector<T>((size_t)G), std::vector<T>((size_t)U), std::vector<T>((size_t)U)}; },
      [&](Row& row, int64_t at, T* h) {
        const int64_t first = s.reset_after ? G : 2 * U;
        for (int64_t col = 0; col < G; ++col) row.p[(size_t)col] = input_sum(f, at, col, G);
        for (int64_t col = 0; col < first; ++col) {
          const T sum = state_sum(h, f.u, U, col, G);
          row.q[(size_t)col] = s.reset_after && f.b ? sum + f.b[G + col] : sum;
        }
        for (int64_t j = 0; j < U; ++j) {
          row.r[(size_t)j] = ref_sigmoid(row.p[(size_t)(U + j)] + row.q[(size_t)(U + j)]);
          row.rh[(size_t)j] = row.r[(size_t)j] * h[j];
        }
        if (!s.reset_after)
          for (int64_t j = 0; j < U; ++j) row.q[(size_t)(2 * U + j)] = state_sum(row.rh.data(), f.u, U, 2 * U + j, G);
        for (int64_t j = 0; j < U; ++j) {
          const T p = row.p[(size_t)(2 * U + j)], q = row.q[(size_t)(2 * U + j)], r = row.r[(size_t)j];
          const T pre = row.p[(size_t)j] + row.q[(size_t)j], z = ref_sigmoid(s.textbook ? -pre : pre);
          const T candidate = ref_tanh(s.reset_after ? ref_fma(r, q, p) : p + q);
          h[j] = ref_quiet(ref_fma(z, h[j], (T(1) - z) * candidate));
          if (f.gates) {
            T* gates = f.gates + at * 4 * U + j;
            gates[0] = z;
            gates[U] = r;
            gates[2 * U] = candidate;
            gates[3 * U] = s.reset_after ? q : row.rh[(size_t)j];
          }
        }
      },
      [](Row&, int64_t) {});
}

template <class T>
void backward(const GruBackward<T>& b) {
  const RecurrentShape& s = b.shape;
  const int64_t U = s.U, G = 3 * U, ld = 4 * U;
  using Row = std::vector<T>;
  walk_backward<T, Row>(
      b, [&](int64_t) { return Row((size_t)(2 * U)); },
      [&](Row& row, int64_t at, int64_t before, const T* d, T* dh) {
        T *g = b.gates + at * ld, *direct = row.data(), *r_kept = direct + U;
        auto state = [&](int64_t j) { return state_before(b, at / s.T, before, j); };
        for (int64_t j = 0; j < U; ++j) {
          const T z = g[j], r = g[U + j], candidate = g[2 * U + j], q = g[3 * U + j];
          const T dcandidate = ref_quiet((d[j] * (T(1) - z)) * ref_fma(-candidate, candidate, T(1)));
          const T dz = ref_quiet((d[j] * (state(j) - candidate)) * (z * (T(1) - z)));
          g[j] = s.textbook ? -dz : dz;
          g[2 * U + j] = dcandidate;
          direct[j] = d[j] * z;
          r_kept[j] = r;
          if (s.reset_after) {
            g[U + j] = ref_quiet((dcandidate * q) * (r * (T(1) - r)));
            g[3 * U + j] = ref_quiet(dcandidate * r);
          }
        }
        if (!s.reset_after) {
          for (int64_t j = 0; j < U; ++j) {
            const T sum = ordered_dot(T(0), U, 1, [&](int64_t k) { return g[2 * U + k]; }, [&](int64_t k) { return b.u[j * G + 2 * U + k]; });
            const T r = r_kept[j];
            g[U + j] = ref_quiet((sum * state(j)) * (r * (T(1) - r)));
            direct[j] = ref_fma(sum, r, direct[j]);
          }
        }
        for (int64_t j = 0; j < U; ++j)
          dh[j] = direct[j] + ordered_dot(T(0), s.reset_after ? G : 2 * U, 1, [&](int64_t k) { return k < 2 * U ? g[k] : g[U + k]; },
                                          [&](int64_t k) { return b.u[j * G + k]; });
      },
      [](Row&, int64_t) {});
  input_gradient(b, b.gates, G, ld);

  const Steps steps = valid_steps(s, b.mask);
  const int64_t groups = weight_groups((int64_t)steps.at.size(), (s.D + U) * G);
  auto input = [&](int64_t k, int64_t d) { return b.x[steps.at[(size_t)k] * s.D + d]; };
  auto state = [&](int64_t k, int64_t j) { return state_before(b, steps.at[(size_t)k] / s.T, steps.before[(size_t)k], j); };
  auto reset_state = [&](int64_t k, int64_t j) { return b.gates[steps.at[(size_t)k] * ld + 3 * U + j]; };
  if (b.dw) weight_sum(steps, groups, s.D, G, input, b.gates, ld, b.dw, G);
  if (b.du) {
    weight_sum(steps, groups, U, 2 * U, state, b.gates, ld, b.du, G);
    if (s.reset_after) weight_sum(steps, groups, U, U, state, b.gates + 3 * U, ld, b.du + 2 * U, G);
    else weight_sum(steps, groups, U, U, reset_state, b.gates + 2 * U, ld, b.du + 2 * U, G);
  }
  if (b.db) {
    bias_sum(steps, groups, G, b.gates, ld, b.db);
    if (s.reset_after) {
      bias_sum(steps, groups, 2 * U, b.gates, ld, b.db + G);
      bias_sum(steps, groups, U, b.gates + 3 * U, ld, b.db + G + 2 * U);
    }
  }
}

}  // namespace

void f32_gru_fwd(const GruForward<float>& f) {
  SARAF_MARK(f32_gru_fwd);
  forward(f);
}
void f64_gru_fwd(const GruForward<double>& f) { forward(f); }
void f32_gru_bwd(const GruBackward<float>& b) {
  SARAF_MARK(f32_gru_bwd);
  backward(b);
}
void f64_gru_bwd(const GruBackward<double>& b) { backward(b); }

}  // namespace ref
}  // namespace saraf

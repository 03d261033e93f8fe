#include "kernels/attention/attention.h"

#include <limits>

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "core/rng.h"
#include "core/scratch.h"
#include "kernels/attention/attention_mask.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
T* scratch(size_t count) {
  return static_cast<T*>(scratch_bytes(Slot::kAttention, count * sizeof(T)));
}

// One head of one sequence.
template <class T>
struct Head {
  const AttentionInputs<T>& a;
  int64_t n, h, live;

  int64_t row(int64_t i) const { return (n * a.shape.H + h) * a.shape.Tq + i; }
  const T* q(int64_t i) const { return a.q + (n * a.shape.Tq + i) * a.shape.ldq + h * a.shape.dk; }
  const T* k(int64_t j) const { return a.k + (n * a.shape.Tk + j) * a.shape.ldk + h * a.shape.dk; }
  const T* v(int64_t j) const { return a.v + (n * a.shape.Tk + j) * a.shape.ldv + h * a.shape.dv; }
  int64_t y(int64_t i) const { return ((n * a.shape.Tq + i) * a.shape.H + h) * a.shape.dv; }

  bool open(int64_t i, int64_t j) const {
    const AttentionShape& s = a.shape;
    return j < key_limit(a, n, i, live) && (!a.key_mask || a.key_mask[n * s.Tk + j]) && (!a.mask || a.mask[(n * s.Tq + i) * s.Tk + j]);
  }
  T z(int64_t i, int64_t j) const {
    if (!open(i, j)) return -std::numeric_limits<T>::infinity();
    const T sum = a.scores ? a.scores[row(i) * a.shape.Tk + j]
                           : ordered_dot(
                                 T(0), a.shape.dk, 1, [&](int64_t c) { return q(i)[c]; }, [&](int64_t c) { return k(j)[c]; });
    return sum * a.scale;
  }
  bool kept(int64_t i, int64_t j) const {
    if (a.threshold == 0) return true;
    const int64_t draw = first_draw(a.shape, n, h, i) + j;
    return philox((uint64_t)(draw / 4), a.random.counter, a.random.seed, a.random.stream).word[draw % 4] >> 8 >= a.threshold;
  }
};

// f(head, scratch) for every head, in parallel; scratch has `floats` values.
template <class T, class F>
void each_head(const AttentionInputs<T>& a, int64_t floats, F f) {
  T* memory = scratch<T>((size_t)(thread_count() * floats));
  parallel_for(a.shape.N * a.shape.H, 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t n = t / a.shape.H;
      f(Head<T>{a, n, t % a.shape.H, live_keys(a, n)}, memory + thread * floats);
    }
  });
}

template <class T>
void attention_fwd(const AttentionForward<T>& f) {
  const AttentionShape& s = f.shape;
  each_head<T>(f, s.Tk, [&](const Head<T>& head, T* e) {
    for (int64_t i = 0; i < s.Tq; ++i) {
      T m = -std::numeric_limits<T>::infinity();
      bool any = false;
      for (int64_t j = 0; j < head.live; ++j) {
        e[j] = head.z(i, j);
        any = any || head.open(i, j);
        m = e[j] > m ? e[j] : m;
      }
      m = m + T(0);  // one zero, not two
      T r = 0;
      if (any) {
        for (int64_t j = 0; j < head.live; ++j) e[j] = ref_exp(e[j] - m);
        r = 1 / lane_sum(T(0), head.live, [&](int64_t j, T lane) { return lane + e[j]; });
      } else {
        m = 0;
        for (int64_t j = 0; j < head.live; ++j) e[j] = s.uniform ? T(1) : T(0);
        if (s.uniform) r = 1 / (T)s.Tk;
      }
      f.stats[2 * head.row(i)] = m;
      f.stats[2 * head.row(i) + 1] = any ? r : -r;  // negative marks a query without an open key
      if (f.probs) {
        for (int64_t j = 0; j < s.Tk; ++j) {
          const T p = j < head.live ? e[j] * r : T(0);
          f.probs[head.row(i) * s.Tk + j] = !s.dropped_probs || f.threshold == 0 ? p : head.kept(i, j) ? p * f.keep_scale : T(0);
        }
      }
      for (int64_t j = 0; j < head.live; ++j)
        if (!head.kept(i, j)) e[j] = 0;
      T* y = f.y + head.y(i);
      for (int64_t c = 0; c < s.dv; ++c) {
        const T sum = ordered_dot(
            T(0), head.live, 1, [&](int64_t j) { return e[j]; }, [&](int64_t j) { return head.v(j)[c]; });
        y[c] = silenced(f, head.n, i) ? T(0) : sum * (r * f.keep_scale);
      }
    }
  });
}

template <class T>
void attention_bwd(const AttentionBackward<T>& b) {
  const AttentionShape& s = b.shape;
  // Per head: p after dropout, and ds.
  each_head<T>(b, 2 * s.Tq * s.Tk, [&](const Head<T>& head, T* memory) {
    const int64_t live = head.live;
    T *pd = memory, *ds = memory + s.Tq * s.Tk;
    for (int64_t i = 0; i < s.Tq; ++i) {
      const T m = b.stats[2 * head.row(i)], mark = b.stats[2 * head.row(i) + 1];
      const bool closed = mark < 0, silent = silenced(b, head.n, i);
      const T r = closed ? -mark : mark;
      const T *y = b.y + head.y(i), *dy = b.dy + head.y(i);
      const T* dprobs = b.dprobs ? b.dprobs + head.row(i) * s.Tk : nullptr;
      T D = silent ? T(0) : lane_sum(T(0), s.dv, [&](int64_t c, T lane) { return ref_fma(dy[c], y[c], lane); });
      if (dprobs) {
        const T* probs = b.probs + head.row(i) * s.Tk;
        D = D + lane_sum(T(0), s.Tk, [&](int64_t j, T lane) { return ref_fma(dprobs[j], probs[j], lane); });
      }
      for (int64_t j = 0; j < live; ++j) {
        const T p = closed ? r : ref_exp(head.z(i, j) - m) * r;
        const T g = silent ? T(0)
                           : ordered_dot(
                                 T(0), s.dv, 1, [&](int64_t c) { return dy[c]; }, [&](int64_t c) { return head.v(j)[c]; });
        const bool kept = head.kept(i, j);
        T dp = dprobs && s.dropped_probs ? g + dprobs[j] : g;
        dp = kept ? dp * b.keep_scale : T(0);
        if (dprobs && !s.dropped_probs) dp = dp + dprobs[j];
        pd[i * s.Tk + j] = kept && !silent ? p * b.keep_scale : T(0);
        ds[i * s.Tk + j] = closed && !s.uniform_gradient ? T(0) : (p * (dp - D)) * b.scale;
      }
      if (b.dscores)
        for (int64_t j = 0; j < s.Tk; ++j) b.dscores[head.row(i) * s.Tk + j] = j < live ? ds[i * s.Tk + j] : T(0);
      if (b.dq)
        for (int64_t c = 0; c < s.dk; ++c)
          b.dq[(head.n * s.Tq + i) * s.ldq + head.h * s.dk + c] = ordered_dot(
              T(0), live, 1, [&](int64_t j) { return ds[i * s.Tk + j]; }, [&](int64_t j) { return head.k(j)[c]; });
    }
    for (int64_t j = 0; j < s.Tk; ++j) {
      if (b.dk)
        for (int64_t c = 0; c < s.dk; ++c)
          b.dk[(head.n * s.Tk + j) * s.ldk + head.h * s.dk + c] =
              j >= live ? T(0)
                        : ordered_dot(
                              T(0), s.Tq, 1, [&](int64_t i) { return ds[i * s.Tk + j]; }, [&](int64_t i) { return head.q(i)[c]; });
      for (int64_t c = 0; c < s.dv; ++c)
        b.dv[(head.n * s.Tk + j) * s.ldv + head.h * s.dv + c] =
            j >= live ? T(0)
                      : ordered_dot(
                            T(0), s.Tq, 1, [&](int64_t i) { return pd[i * s.Tk + j]; }, [&](int64_t i) { return (b.dy + head.y(i))[c]; });
    }
  });
}

template <class T>
void additive_scores_fwd(const AdditiveScores<T>& a) {
  parallel_for(a.N * a.Tq, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t j = 0; j < a.Tk; ++j) {
        const T *q = a.q + r * a.d, *k = a.k + (r / a.Tq * a.Tk + j) * a.d;
        a.s[r * a.Tk + j] = lane_sum(T(0), a.d, [&](int64_t c, T lane) {
          const T u = ref_tanh(q[c] + k[c]);
          return a.w ? ref_fma(a.w[c], u, lane) : lane + u;
        });
      }
  });
}

template <class T>
void additive_scores_bwd(const AdditiveScores<T>& a) {
  const auto u = [&](int64_t n, int64_t i, int64_t j, int64_t c) { return ref_tanh(a.q[(n * a.Tq + i) * a.d + c] + a.k[(n * a.Tk + j) * a.d + c]); };
  const auto ds = [&](int64_t n, int64_t i, int64_t j) { return a.ds[(n * a.Tq + i) * a.Tk + j]; };
  const auto t = [&](int64_t n, int64_t i, int64_t j, int64_t c) {
    const T x = u(n, i, j, c);
    return (a.w ? ds(n, i, j) * a.w[c] : ds(n, i, j)) * ref_fma(-x, x, T(1));
  };
  for (int64_t n = 0; n < a.N; ++n)
    for (int64_t c = 0; c < a.d; ++c) {
      for (int64_t i = 0; i < a.Tq; ++i) a.dq[(n * a.Tq + i) * a.d + c] = ordered_sum(T(0), a.Tk, 1, [&](int64_t j) { return t(n, i, j, c); });
      for (int64_t j = 0; j < a.Tk; ++j) a.dk[(n * a.Tk + j) * a.d + c] = ordered_sum(T(0), a.Tq, 1, [&](int64_t i) { return t(n, i, j, c); });
    }
  if (!a.dw) return;
  for (int64_t c = 0; c < a.d; ++c) {
    T total = 0;
    for (int64_t n = 0; n < a.N; ++n) {
      T own = 0;
      for (int64_t i = 0; i < a.Tq; ++i)
        own = own + ordered_dot(
                        T(0), a.Tk, 1, [&](int64_t j) { return ds(n, i, j); }, [&](int64_t j) { return u(n, i, j, c); });
      total = total + own;
    }
    a.dw[c] = total;
  }
}

}  // namespace

void f32_attention_fwd(const AttentionForward<float>& f) {
  SARAF_MARK(f32_attention_fwd);
  attention_fwd(f);
}
void f64_attention_fwd(const AttentionForward<double>& f) { attention_fwd(f); }

void f32_attention_bwd(const AttentionBackward<float>& b) {
  SARAF_MARK(f32_attention_bwd);
  attention_bwd(b);
}
void f64_attention_bwd(const AttentionBackward<double>& b) { attention_bwd(b); }

void f32_additive_scores_fwd(const AdditiveScores<float>& a) {
  SARAF_MARK(f32_additive_scores_fwd);
  additive_scores_fwd(a);
}
void f64_additive_scores_fwd(const AdditiveScores<double>& a) { additive_scores_fwd(a); }

void f32_additive_scores_bwd(const AdditiveScores<float>& a) {
  SARAF_MARK(f32_additive_scores_bwd);
  additive_scores_bwd(a);
}
void f64_additive_scores_bwd(const AdditiveScores<double>& a) { additive_scores_bwd(a); }

}  // namespace ref
}  // namespace saraf

// Attention: the core over projected queries, keys and values; additive scores; a whole multi-head layer in one call.
#include <cmath>
#include <cstring>

#include "addon/args.h"
#include "core/scratch.h"
#include "isa/kernel_table.h"
#include "kernels/attention/attention.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

void run(const AttentionForward<float>& f) { kernels().f32_attention_fwd(f); }
void run(const AttentionForward<double>& f) { ref::f64_attention_fwd(f); }
void run(const AttentionBackward<float>& b) { kernels().f32_attention_bwd(b); }
void run(const AttentionBackward<double>& b) { ref::f64_attention_bwd(b); }
void gemm(const GemmArgs<float>& g) { kernels().f32_gemm(g); }
void gemm(const GemmArgs<double>& g) { ref::f64_gemm(g); }
void column_sum(const float* x, int64_t rows, int64_t cols, int64_t ldx, float* y) { kernels().f32_column_sum(x, rows, cols, ldx, y); }
void column_sum(const double* x, int64_t rows, int64_t cols, int64_t ldx, double* y) { ref::f64_column_sum(x, rows, cols, ldx, y); }

enum Flags : int32_t {
  kCausal = 1,
  kUniform = 2,
  kUniformGradient = 4,
  kMaskOutput = 8,
  kDroppedProbs = 16,
  kCoreFlags = 31,
  kValueIsKey = 32,  // value and key are one array
  kOneInput = 64,    // query, too
  kLayerFlags = 127,
};

void set_flags(AttentionShape& s, int32_t flags) {
  s.causal = flags & kCausal;
  s.uniform = flags & kUniform;
  s.uniform_gradient = flags & kUniformGradient;
  s.mask_output = flags & kMaskOutput;
  s.dropped_probs = flags & kDroppedProbs;
}

[[noreturn]] void wrong_geometry(const Args& a, const int32_t* g, int count, const char* meaning) {
  std::string given;
  for (int i = 0; i < count; ++i) given += (i ? "," : "") + std::to_string(g[i]);
  a.fail("ERR_ARG", std::string("expected geometry ") + meaning + ", received [" + given + "]");
}

// Values from the first step of a (steps, ld) array to the end of the last step's `width`.
int64_t reach(int64_t steps, int64_t ld, int64_t width) { return steps == 0 ? 0 : (steps - 1) * ld + width; }

template <class T>
T* at_least(const Args& a, int i, const char* name, int64_t expected) {
  const int64_t length = a.length(i, name);
  if (length < expected)
    a.fail("ERR_SHAPE", std::string("expected ") + name + " of at least " + std::to_string(expected) + " values, received " + std::to_string(length));
  return a.array<T>(i, name, length);
}

template <class T>
void read_masks(const Args& a, int i, AttentionInputs<T>& in) {
  const AttentionShape& s = in.shape;
  in.query_mask = a.optional<uint8_t>(i, "queryMask", s.N * s.Tq);
  in.key_mask = a.optional<uint8_t>(i + 1, "keyMask", s.N * s.Tk);
  in.mask = a.optional<uint8_t>(i + 2, "mask", s.N * s.Tq * s.Tk);
}

// scale, rate, seed, stream, counter from argument i on.
template <class T>
void read_numbers(const Args& a, int i, AttentionInputs<T>& in) {
  in.scale = (T)a.number(i, "scale");
  const double rate = a.number(i + 1, "rate");
  if (!(rate >= 0 && rate < 1)) a.fail("ERR_ARG", "expected rate in [0,1), received " + std::to_string(rate));
  const int64_t seed = a.count(i + 2, "seed"), stream = a.count(i + 3, "stream");
  if (seed > 0xffffffffLL || stream > 0xffffffffLL) a.fail("ERR_ARG", "expected seed and stream in [0, 2^32)");
  in.random = {(uint32_t)seed, (uint32_t)stream, (uint64_t)a.count(i + 4, "counter")};
  in.threshold = (uint32_t)std::ceil(rate * 0x1p24);
  in.keep_scale = (T)(1 / (1 - rate));
}

// Geometry of the core: [N, Tq, Tk, H, dk, dv, ldq, ldk, ldv, flags].
AttentionShape core_shape(const Args& a, int i) {
  const int32_t* g = a.array<int32_t>(i, "geometry", 10);
  AttentionShape s{g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8], false, false, false, false, false};
  bool right = g[9] >= 0 && g[9] <= kCoreFlags && s.N >= 0 && s.Tq >= 0 && s.Tk >= 1 && s.H >= 1 && s.dk >= 1 && s.dv >= 1;
  right = right && s.ldq >= s.H * s.dk && s.ldk >= s.H * s.dk && s.ldv >= s.H * s.dv;
  if (!right) wrong_geometry(a, g, 10, "[N,Tq,Tk,H,dk,dv,ldq,ldk,ldv,flags] with Tk, H, dk, dv at least 1, steps as wide as all heads and flags below 32");
  set_flags(s, g[9]);
  return s;
}

template <class T>
void read_sources(const Args& a, AttentionInputs<T>& in) {
  const AttentionShape& s = in.shape;
  in.q = a.absent(0) ? nullptr : at_least<T>(a, 0, "q", reach(s.N * s.Tq, s.ldq, s.H * s.dk));
  in.k = a.absent(0) ? nullptr : at_least<T>(a, 1, "k", reach(s.N * s.Tk, s.ldk, s.H * s.dk));
  in.v = at_least<T>(a, 2, "v", reach(s.N * s.Tk, s.ldv, s.H * s.dv));
  in.scores = !a.absent(0) ? nullptr : a.array<T>(3, "scores", s.N * s.H * s.Tq * s.Tk);
  read_masks(a, 4, in);
}

// attentionForward(q, k, v, scores, queryMask, keyMask, mask, y, stats, probs, geometry, scale, rate, seed, stream, counter)
void attention_forward(Args& a) {
  const AttentionShape s = core_shape(a, 10);
  by_float_type(a, 2, [&](auto zero) {
    using T = decltype(zero);
    AttentionForward<T> f{};
    f.shape = s;
    read_sources(a, f);
    f.y = a.array<T>(7, "y", s.N * s.Tq * s.H * s.dv);
    f.stats = a.array<T>(8, "stats", s.N * s.H * s.Tq * 2);
    f.probs = a.optional<T>(9, "probs", s.N * s.H * s.Tq * s.Tk);
    read_numbers(a, 11, f);
    run(f);
  });
}

// attentionBackward(q, k, v, scores, queryMask, keyMask, mask, y, stats, dy, probs, dprobs, dq, dk, dv, dscores, geometry, scale,
// rate, seed, stream, counter)
void attention_backward(Args& a) {
  const AttentionShape s = core_shape(a, 16);
  by_float_type(a, 2, [&](auto zero) {
    using T = decltype(zero);
    AttentionBackward<T> b{};
    b.shape = s;
    read_sources(a, b);
    const int64_t values = s.N * s.Tq * s.H * s.dv, pairs = s.N * s.H * s.Tq * s.Tk;
    b.y = a.array<T>(7, "y", values);
    b.stats = a.array<T>(8, "stats", s.N * s.H * s.Tq * 2);
    b.dy = a.array<T>(9, "dy", values);
    b.dprobs = a.optional<T>(11, "dprobs", pairs);
    if (b.dprobs) b.probs = a.array<T>(10, "probs", pairs);
    if (!a.absent(0)) {
      b.dq = at_least<T>(a, 12, "dq", reach(s.N * s.Tq, s.ldq, s.H * s.dk));
      b.dk = at_least<T>(a, 13, "dk", reach(s.N * s.Tk, s.ldk, s.H * s.dk));
    } else {
      b.dscores = a.array<T>(15, "dscores", pairs);
    }
    b.dv = at_least<T>(a, 14, "dv", reach(s.N * s.Tk, s.ldv, s.H * s.dv));
    read_numbers(a, 17, b);
    run(b);
  });
}

template <class T>
AdditiveScores<T> additive(const Args& a, int counts) {
  AdditiveScores<T> s{};
  s.N = a.count(counts, "N");
  s.Tq = a.count(counts + 1, "Tq");
  s.Tk = a.count(counts + 2, "Tk");
  s.d = a.count(counts + 3, "d");
  s.q = a.array<T>(0, "q", s.N * s.Tq * s.d);
  s.k = a.array<T>(1, "k", s.N * s.Tk * s.d);
  s.w = a.optional<T>(2, "w", s.d);
  return s;
}

// additiveScoresForward(q, k, w, scores, N, Tq, Tk, d)
void additive_scores_forward(Args& a) {
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    AdditiveScores<T> s = additive<T>(a, 4);
    s.s = a.array<T>(3, "scores", s.N * s.Tq * s.Tk);
    if constexpr (std::is_same_v<T, float>) kernels().f32_additive_scores_fwd(s);
    else ref::f64_additive_scores_fwd(s);
  });
}

// additiveScoresBackward(q, k, w, dscores, dq, dk, dw, N, Tq, Tk, d)
void additive_scores_backward(Args& a) {
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    AdditiveScores<T> s = additive<T>(a, 7);
    s.ds = a.array<T>(3, "dscores", s.N * s.Tq * s.Tk);
    s.dq = a.array<T>(4, "dq", s.N * s.Tq * s.d);
    s.dk = a.array<T>(5, "dk", s.N * s.Tk * s.d);
    s.dw = a.optional<T>(6, "dw", s.d);
    if constexpr (std::is_same_v<T, float>) kernels().f32_additive_scores_bwd(s);
    else ref::f64_additive_scores_bwd(s);
  });
}

// Query, key or value: its kernel (D, width), bias and their gradients (null where not wanted).
template <class T>
struct Projection {
  int64_t width;
  const T *w, *b;
  T *dw, *db;
};

// Projections of one input, side by side in one product: z (rows, width) = x (rows, D)·[w …] + [b …].
template <class T>
struct ProjectionGroup {
  int64_t rows, D, width;
  const T* x;
  T* dx;
  T* z;
  int count;
  Projection<T> part[3];

  void add(const Projection<T>& p) {
    part[count++] = p;
    width += p.width;
  }
  // Kernels and biases side by side in `to`: (D, width), then (width). One projection stays where it is.
  void pack(T* to, const T** w, const T** b) const {
    *w = part[0].w;
    *b = part[0].b;
    if (count == 1) return;
    T* biases = to + D * width;
    int64_t at = 0;
    for (int p = 0; p < count; at += part[p++].width) {
      for (int64_t d = 0; d < D; ++d) std::memcpy(to + d * width + at, part[p].w + d * part[p].width, (size_t)part[p].width * sizeof(T));
      if (part[p].b) std::memcpy(biases + at, part[p].b, (size_t)part[p].width * sizeof(T));
    }
    *w = to;
    *b = part[0].b ? biases : nullptr;
  }
  void forward(T* packed) const {
    const T *w, *b;
    pack(packed, &w, &b);
    gemm(GemmArgs<T>{rows, width, D, x, D, false, w, width, false, z, width, b, kLinear, false});
  }
  // dz (rows, width); packed and gradients: D·width + width values each.
  void backward(const T* dz, T* packed, T* gradients) const {
    const T *w, *b;
    pack(packed, &w, &b);
    bool wants_dw = false, wants_db = false;
    for (int p = 0; p < count; ++p) {
      wants_dw = wants_dw || part[p].dw;
      wants_db = wants_db || part[p].db;
    }
    T *dw = count == 1 ? part[0].dw : gradients, *db = count == 1 ? part[0].db : gradients + D * width;
    if (wants_dw) gemm(GemmArgs<T>{D, width, rows, x, D, true, dz, width, false, dw, width, nullptr, kLinear, true});
    if (wants_db) column_sum(dz, rows, width, width, db);
    if (dx) gemm(GemmArgs<T>{rows, D, width, dz, width, false, w, width, true, dx, D, nullptr, kLinear, false});
    int64_t at = 0;
    for (int p = 0; p < count && count > 1; at += part[p++].width) {
      if (part[p].dw)
        for (int64_t d = 0; d < D; ++d) std::memcpy(part[p].dw + d * part[p].width, dw + d * width + at, (size_t)part[p].width * sizeof(T));
      if (part[p].db) std::memcpy(part[p].db, db + at, (size_t)part[p].width * sizeof(T));
    }
  }
};

// A multi-head layer: geometry [N, Tq, Tk, Dq, Dv, Dk, H, dk, dv, F, flags].
template <class T>
struct MultiHead {
  AttentionShape s;
  int64_t Dq, Dv, Dk, F;
  Projection<T> query, key, value;
  const T *xq, *xv, *xk;
  T *dxq, *dxv, *dxk;
  ProjectionGroup<T> group[3];
  int groups;
  bool one_input, value_is_key;
  int64_t q_at, k_at, v_at;  // where heads begin in `projected`

  MultiHead(const Args& a, int geometry) : dxq(nullptr), dxv(nullptr), dxk(nullptr), groups(0) {
    const int32_t* g = a.array<int32_t>(geometry, "geometry", 11);
    s = AttentionShape{g[0], g[1], g[2], g[6], g[7], g[8], 0, 0, 0, false, false, false, false, false};
    Dq = g[3];
    Dv = g[4];
    Dk = g[5];
    F = g[9];
    bool right = s.N >= 0 && s.Tq >= 0 && s.Tk >= 1 && g[10] >= 0 && g[10] <= kLayerFlags;
    for (int i = 3; i < 10; ++i) right = right && g[i] >= 1;
    if (!right) wrong_geometry(a, g, 11, "[N,Tq,Tk,Dq,Dv,Dk,H,dk,dv,F,flags] with all but N and Tq at least 1 and flags below 128");
    set_flags(s, g[10]);
    one_input = g[10] & kOneInput;
    value_is_key = one_input || (g[10] & kValueIsKey);
    if ((value_is_key && Dk != Dv) || (one_input && (Dq != Dv || s.Tq != s.Tk)))
      wrong_geometry(a, g, 11, "in which inputs that are one array have one shape");
    xq = a.array<T>(0, "query", s.N * s.Tq * Dq);
    xv = a.array<T>(1, "value", s.N * s.Tk * Dv);
    xk = a.array<T>(2, "key", s.N * s.Tk * Dk);
    query.width = key.width = s.H * s.dk;
    value.width = s.H * s.dv;
  }
  int64_t projected_size() const { return s.N * s.Tq * query.width + s.N * s.Tk * (key.width + value.width); }
  const T* kernel(const Args& a, int i, const char* name, int64_t D, int64_t width) const { return a.array<T>(i, name, D * width); }

  // Inputs that are one array are projected by one product, and so is its gradient made.
  void arrange(T* projected) {
    auto open = [&](int64_t rows, int64_t D, const T* x, T* dx) -> ProjectionGroup<T>& {
      ProjectionGroup<T>& g = group[groups++];
      g = ProjectionGroup<T>{};
      g.rows = rows;
      g.D = D;
      g.x = x;
      g.dx = dx;
      return g;
    };
    open(s.N * s.Tq, Dq, xq, dxq).add(query);
    if (one_input) {
      group[0].add(key);
    } else if (!value_is_key) {
      open(s.N * s.Tk, Dk, xk, dxk).add(key);
    }
    if (!one_input) {
      ProjectionGroup<T>& g = open(s.N * s.Tk, Dv, xv, dxv);
      if (value_is_key) g.add(key);
    }
    group[groups - 1].add(value);
    int64_t at = 0;
    for (int i = 0; i < groups; ++i) {
      group[i].z = projected + at;
      at += group[i].rows * group[i].width;
    }
    const ProjectionGroup<T>&last = group[groups - 1], &keys = value_is_key ? last : group[1];
    q_at = 0;
    k_at = keys.z - projected + (one_input ? query.width : 0);
    v_at = last.z - projected + last.width - value.width;
    s.ldq = group[0].width;
    s.ldk = keys.width;
    s.ldv = last.width;
  }
  int64_t pack_size() const {
    int64_t most = 0;
    for (int i = 0; i < groups; ++i) most = (group[i].D + 1) * group[i].width > most ? (group[i].D + 1) * group[i].width : most;
    return most;
  }
};

template <class T>
T* workspace(int64_t count) {
  return static_cast<T*>(scratch_bytes(Slot::kAttention, (size_t)count * sizeof(T)));
}

// multiHeadForward(query, value, key, wq, bq, wk, bk, wv, bv, wo, bo, queryMask, keyMask, mask, projected, mixed, stats, y, probs,
// geometry, scale, rate, seed, stream, counter)
void multi_head_forward(Args& a) {
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    MultiHead<T> m(a, 19);
    m.query = {m.query.width, m.kernel(a, 3, "wq", m.Dq, m.query.width), a.optional<T>(4, "bq", m.query.width), nullptr, nullptr};
    m.key = {m.key.width, m.kernel(a, 5, "wk", m.Dk, m.key.width), a.optional<T>(6, "bk", m.key.width), nullptr, nullptr};
    m.value = {m.value.width, m.kernel(a, 7, "wv", m.Dv, m.value.width), a.optional<T>(8, "bv", m.value.width), nullptr, nullptr};
    if ((m.query.b == nullptr) != (m.key.b == nullptr) || (m.query.b == nullptr) != (m.value.b == nullptr))
      a.fail("ERR_ARG", "expected all three biases or none");
    const T *wo = a.array<T>(9, "wo", m.value.width * m.F), *bo = a.optional<T>(10, "bo", m.F);
    T* projected = a.array<T>(14, "projected", m.projected_size());
    m.arrange(projected);
    const AttentionShape& s = m.s;
    AttentionForward<T> f{};
    f.shape = s;
    read_masks(a, 11, f);
    f.y = a.array<T>(15, "mixed", s.N * s.Tq * m.value.width);
    f.stats = a.array<T>(16, "stats", s.N * s.H * s.Tq * 2);
    T* y = a.array<T>(17, "y", s.N * s.Tq * m.F);
    f.probs = a.optional<T>(18, "probs", s.N * s.H * s.Tq * s.Tk);
    read_numbers(a, 20, f);
    f.q = projected + m.q_at;
    f.k = projected + m.k_at;
    f.v = projected + m.v_at;
    T* packed = workspace<T>(m.pack_size());
    for (int i = 0; i < m.groups; ++i) m.group[i].forward(packed);
    run(f);
    gemm(GemmArgs<T>{s.N * s.Tq, m.F, m.value.width, f.y, m.value.width, false, wo, m.F, false, y, m.F, bo, kLinear, false});
  });
}

// multiHeadBackward(query, value, key, wq, wk, wv, wo, queryMask, keyMask, mask, projected, mixed, stats, dy, probs, dprobs,
// dprojected, dmixed, dquery, dvalue, dkey, dwq, dbq, dwk, dbk, dwv, dbv, dwo, dbo, geometry, scale, rate, seed, stream, counter)
void multi_head_backward(Args& a) {
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    MultiHead<T> m(a, 29);
    const int64_t wide = m.query.width, W = m.value.width;
    m.query = {wide, m.kernel(a, 3, "wq", m.Dq, wide), nullptr, a.optional<T>(21, "dwq", m.Dq * wide), a.optional<T>(22, "dbq", wide)};
    m.key = {wide, m.kernel(a, 4, "wk", m.Dk, wide), nullptr, a.optional<T>(23, "dwk", m.Dk * wide), a.optional<T>(24, "dbk", wide)};
    m.value = {W, m.kernel(a, 5, "wv", m.Dv, W), nullptr, a.optional<T>(25, "dwv", m.Dv * W), a.optional<T>(26, "dbv", W)};
    const T* wo = a.array<T>(6, "wo", W * m.F);
    T *dwo = a.optional<T>(27, "dwo", W * m.F), *dbo = a.optional<T>(28, "dbo", m.F);
    const int64_t rows_q = m.s.N * m.s.Tq, rows_k = m.s.N * m.s.Tk, pairs = rows_q * m.s.H * m.s.Tk;
    m.dxq = a.optional<T>(18, "dquery", rows_q * m.Dq);
    m.dxv = a.optional<T>(19, "dvalue", rows_k * m.Dv);
    m.dxk = a.optional<T>(20, "dkey", rows_k * m.Dk);
    T* projected = a.array<T>(10, "projected", m.projected_size());
    T* dprojected = a.array<T>(16, "dprojected", m.projected_size());
    m.arrange(projected);
    AttentionBackward<T> b{};
    b.shape = m.s;
    read_masks(a, 7, b);
    b.y = a.array<T>(11, "mixed", rows_q * W);
    b.stats = a.array<T>(12, "stats", rows_q * m.s.H * 2);
    const T* dy = a.array<T>(13, "dy", rows_q * m.F);
    b.dprobs = a.optional<T>(15, "dprobs", pairs);
    if (b.dprobs) b.probs = a.array<T>(14, "probs", pairs);
    T* dmixed = a.array<T>(17, "dmixed", rows_q * W);
    read_numbers(a, 30, b);
    b.q = projected + m.q_at;
    b.k = projected + m.k_at;
    b.v = projected + m.v_at;
    b.dq = dprojected + m.q_at;
    b.dk = dprojected + m.k_at;
    b.dv = dprojected + m.v_at;
    b.dy = dmixed;
    if (dwo) gemm(GemmArgs<T>{W, m.F, rows_q, b.y, W, true, dy, m.F, false, dwo, m.F, nullptr, kLinear, true});
    if (dbo) column_sum(dy, rows_q, m.F, m.F, dbo);
    gemm(GemmArgs<T>{rows_q, W, m.F, dy, m.F, false, wo, m.F, true, dmixed, W, nullptr, kLinear, false});
    run(b);
    const int64_t size = m.pack_size();
    T* packed = workspace<T>(2 * size);
    for (int i = 0; i < m.groups; ++i) m.group[i].backward(dprojected + (m.group[i].z - projected), packed, packed + size);
  });
}

}  // namespace

extern const Binding bindings_attention[] = {
    {"attentionForward", attention_forward},
    {"attentionBackward", attention_backward},
    {"additiveScoresForward", additive_scores_forward},
    {"additiveScoresBackward", additive_scores_backward},
    {"multiHeadForward", multi_head_forward},
    {"multiHeadBackward", multi_head_backward},
    {nullptr, nullptr},
};

}  // namespace saraf

// What the oneDNN cases share: one spelling for versions 2 and 3, memory in and out.
#pragma once
#include <dnnl.hpp>

#include "peer.h"

namespace onednn {

typedef dnnl::memory memory;
typedef dnnl::memory::desc Layout;
typedef dnnl::memory::dims Dims;
typedef dnnl::memory::format_tag Tag;
typedef std::unordered_map<int, memory> Arguments;

inline dnnl::engine& engine() {
  static dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}
inline dnnl::stream& stream() {
  static dnnl::stream s(engine());
  return s;
}

inline Layout layout(const Dims& dims, Tag tag) { return Layout(dims, dnnl::memory::data_type::f32, tag); }

/** Describes a primitive: version 2 has an operation descriptor in between, version 3 takes the same arguments directly. */
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), arguments...);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), engine());
#endif
}
/** The same for a backward pass, which is given the description of the forward one. */
template <class Primitive, class Hint, class... Arguments>
typename Primitive::primitive_desc describe_backward(const Hint& forward, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), arguments..., forward);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), engine(), forward);
#endif
}

inline float* data(const memory& m) { return static_cast<float*>(m.get_data_handle()); }
inline void clear(const memory& m) { std::fill_n(static_cast<char*>(m.get_data_handle()), m.get_desc().get_size(), 0); }

inline memory zeros(const Layout& to) {
  memory m(to, engine());
  clear(m);
  return m;
}
/** In the layout that a primitive asks for. */
inline memory as(const memory& from, const Layout& to) {
  if (from.get_desc() == to) return from;
  memory m = zeros(to);
  memory source = from;
  dnnl::reorder(source, m).execute(stream(), source, m);
  stream().wait();
  return m;
}
/** `plain` says how `values` lie. */
inline memory put(const peer::Floats& values, const Layout& plain) {
  memory m(plain, engine());
  if (plain.get_size() != values.size() * sizeof(float)) throw std::runtime_error("an input has another length than its shape");
  std::copy(values.begin(), values.end(), data(m));
  return m;
}
inline peer::Floats get(const memory& from, const Layout& plain) {
  const memory m = as(from, plain);
  return peer::Floats(data(m), data(m) + plain.get_size() / sizeof(float));
}

inline int64_t whole(const peer::Json& shape, const char* name) { return static_cast<int64_t>(shape[name].number()); }

peer::Job conv(const peer::Json& inputs);
peer::Job pool(const peer::Json& inputs);
peer::Job recurrent(const peer::Json& inputs);

}  // namespace onednn

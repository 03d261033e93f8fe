// Arguments of one kernel call: typed arrays with lengths checked again (a wrong length is memory corruption), numbers,
// booleans. Plain Node-API calls, for speed; everything wrong throws saraf::Error.
#pragma once
#include <napi.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/shape.h"
#include "kernels/conv/depth.h"

namespace saraf {

class Args {
 public:
  enum { kMax = 40 };

  Args(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMax;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, argv_, nullptr, &data);
    count_ = (int)(count < (size_t)kMax ? count : (size_t)kMax);
    binding_ = data;
  }

  // The arguments that argument i, an array, lists after a name.
  Args(const Args& all, int i) : env_(all.env_), op_(all.op_) {
    uint32_t length = 0;
    if (i >= all.count_ || napi_get_array_length(env_, all.argv_[i], &length) != napi_ok || length < 1 || length > kMax)
      fail("ERR_ARG", "expected a call as an array of a name and its arguments");
    napi_value name;
    napi_get_element(env_, all.argv_[i], 0, &name);
    argv_[0] = name;
    count_ = 1;
    head_ = text(0, "the first entry of a call");
    for (uint32_t k = 1; k < length; ++k) napi_get_element(env_, all.argv_[i], k, &argv_[k - 1]);
    count_ = (int)length - 1;
  }
  const std::string& head() const { return head_; }

  napi_env env() const { return env_; }
  void* binding() const { return binding_; }
  void set_op(const char* op) { op_ = op; }
  const char* op() const { return op_; }
  napi_value raw(int i) const { return i < count_ ? argv_[i] : nullptr; }
  void returns(napi_value v) { result_ = v; }
  napi_value result() const { return result_; }

  [[noreturn]] void fail(const char* code, const std::string& message) const { throw Error(code, op_, message); }

  // A number that counts something: an integer in [0, 2^53).
  int64_t count(int i, const char* name) const {
    const double v = number(i, name);
    if (!(v >= 0 && v < 9007199254740992.0) || v != (double)(int64_t)v)
      fail("ERR_ARG", std::string("expected ") + name + " to be a count, received " + std::to_string(v));
    return (int64_t)v;
  }
  double number(int i, const char* name) const {
    double v;
    if (i >= count_ || napi_get_value_double(env_, argv_[i], &v) != napi_ok) fail("ERR_ARG", std::string("expected ") + name + " to be a number");
    return v;
  }
  bool boolean(int i, const char* name) const {
    bool v;
    if (i >= count_ || napi_get_value_bool(env_, argv_[i], &v) != napi_ok) fail("ERR_ARG", std::string("expected ") + name + " to be true or false");
    return v;
  }
  std::string text(int i, const char* name) const {
    char buffer[256];
    size_t n = 0;
    if (i >= count_ || napi_get_value_string_utf8(env_, argv_[i], buffer, sizeof buffer, &n) != napi_ok)
      fail("ERR_ARG", std::string("expected ") + name + " to be a string");
    return std::string(buffer, n);
  }
  Activation activation(int i) const {
    const int64_t a = count(i, "activation");
    if (a > kTanh) fail("ERR_ARG", "expected activation to be 0 (linear), 1 (relu), 2 (sigmoid) or 3 (tanh), received " + std::to_string(a));
    return (Activation)a;
  }
  // The precision of products: left out, 0 (float32) or 1 (bfloat16).
  bool bfloat16(int i) const;  // in bind_mixed.cc
  bool absent(int i) const {
    if (i >= count_) return true;
    napi_valuetype t;
    return napi_typeof(env_, argv_[i], &t) == napi_ok && (t == napi_null || t == napi_undefined);
  }

  // Whether argument i is a Float64Array: then the call runs the double reference.
  bool is_double(int i) const { return array_type(i) == napi_float64_array; }
  int64_t length(int i, const char* name) const {
    napi_typedarray_type type;
    size_t length;
    void* data;
    info(i, name, &type, &length, &data);
    return (int64_t)length;
  }

  // Array of T with exactly `expected` values (-1: any number).
  template <class T>
  T* array(int i, const char* name, int64_t expected) const {
    napi_typedarray_type type;
    size_t length;
    void* data;
    info(i, name, &type, &length, &data);
    if (type != type_of<T>()) fail("ERR_DTYPE", std::string("expected ") + name + " to be " + type_name(type_of<T>()) + ", received " + type_name(type));
    if (expected >= 0 && (int64_t)length != expected)
      fail("ERR_SHAPE", std::string("expected ") + name + " of " + std::to_string(expected) + " values, received " + std::to_string(length));
    return static_cast<T*>(data);
  }
  // Likewise, or null where null was given.
  template <class T>
  T* optional(int i, const char* name, int64_t expected) const {
    return absent(i) ? nullptr : array<T>(i, name, expected);
  }

  ConvShape conv_shape(int i) const;            // in bind_conv.cc
  // Argument i, which may be left out, gives planes their depth.
  DepthShape depth_shape(int i, const ConvShape& planes) const;  // in bind_conv.cc
  RecurrentShape recurrent_shape(int i) const;  // in bind_recurrent.cc

 private:
  void info(int i, const char* name, napi_typedarray_type* type, size_t* length, void** data) const {
    if (i >= count_ || napi_get_typedarray_info(env_, argv_[i], type, length, data, nullptr, nullptr) != napi_ok)
      fail("ERR_ARG", std::string("expected ") + name + " to be a typed array");
  }
  int array_type(int i) const {
    napi_typedarray_type type;
    if (i >= count_ || napi_get_typedarray_info(env_, argv_[i], &type, nullptr, nullptr, nullptr, nullptr) != napi_ok) return -1;
    return type;
  }
  template <class T>
  static constexpr napi_typedarray_type type_of() {
    if constexpr (std::is_same_v<T, float>) return napi_float32_array;
    else if constexpr (std::is_same_v<T, double>) return napi_float64_array;
    else if constexpr (std::is_same_v<T, int32_t>) return napi_int32_array;
    else if constexpr (std::is_same_v<T, uint8_t>) return napi_uint8_array;
  }
  static const char* type_name(napi_typedarray_type t) {
    switch (t) {
      case napi_float32_array: return "float32";
      case napi_float64_array: return "float64";
      case napi_int32_array: return "int32";
      case napi_uint8_array: return "uint8";
      default: return "an array of another type";
    }
  }

  napi_env env_;
  napi_value argv_[kMax] = {};
  int count_ = 0;
  void* binding_ = nullptr;
  const char* op_ = "";
  std::string head_;
  napi_value result_ = nullptr;
};

// One function of the addon. A family gives a table of them, ended by a null name.
struct Binding {
  const char* name;
  void (*op)(Args&);
};

// Runs body(T{}) with T = double where argument i is a Float64Array, else float.
template <class F>
void by_float_type(const Args& a, int i, F&& body) {
  if (a.is_double(i)) body(double{});
  else body(float{});
}

}  // namespace saraf

// Products in bfloat16: which sets there are, and why there may be none.
#include <atomic>

#include "addon/args.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"

namespace saraf {

extern std::atomic<uint64_t> crossings;

bool Args::bfloat16(int i) const {
  if (absent(i)) return false;
  const int64_t precision = count(i, "precision");
  if (precision > 1) fail("ERR_ARG", "expected precision to be 0 (float32) or 1 (bfloat16), received " + std::to_string(precision));
  return precision == 1;
}

namespace {

void uncount() { crossings.fetch_sub(1, std::memory_order_relaxed); }

napi_value text(const Args& a, const char* value) {
  napi_value v;
  if (value) napi_create_string_utf8(a.env(), value, NAPI_AUTO_LENGTH, &v);
  else napi_get_null(a.env(), &v);
  return v;
}

// bf16Sets() → names
void sets(Args& a) {
  uncount();
  napi_value list;
  napi_create_array(a.env(), &list);
  uint32_t n = 0;
  for (const MixedTable* const* t = available_mixed_tables(); *t; ++t) napi_set_element(a.env(), list, n++, text(a, (*t)->set));
  a.returns(list);
}
// bf16Set() → the name of the set in use, or null
void set(Args& a) {
  uncount();
  a.returns(text(a, mixed_absent() ? nullptr : mixed_kernels().set));
}
// bf16Absent() → why there is none, or null
void absent(Args& a) {
  uncount();
  a.returns(text(a, mixed_absent()));
}
// setBf16Set(name)
void choose(Args& a) {
  uncount();
  choose_mixed_set(a.text(0, "set").c_str());
}

}  // namespace

extern const Binding bindings_mixed[] = {
    {"bf16Sets", sets},
    {"bf16Set", set},
    {"bf16Absent", absent},
    {"setBf16Set", choose},
    {nullptr, nullptr},
};

}  // namespace saraf

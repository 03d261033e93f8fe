// The module: every family's bindings, registered by name.
#include <napi.h>

#include <atomic>
#include <new>

#include "addon/args.h"
#include "addon/errors.h"
#include "core/parallel.h"

namespace saraf {

#define SARAF_FAMILY(family) extern const Binding bindings_##family[];
#include "addon/families.inc"
#undef SARAF_FAMILY

std::atomic<uint64_t> crossings{0};

namespace {

napi_value call(napi_env env, napi_callback_info info) {
  Args args(env, info);
  const Binding* binding = static_cast<const Binding*>(args.binding());
  args.set_op(binding->name);
  crossings.fetch_add(1, std::memory_order_relaxed);
  const HeldThreads threads;
  try {
    binding->op(args);
  } catch (const Error& error) {
    throw_to_js(env, error);
  } catch (const std::bad_alloc&) {
    throw_to_js(env, Error("ERR_MEMORY", binding->name, "out of memory; use a smaller batch"));
  }
  return args.result();
}

void define(napi_env env, napi_value exports, const Binding* table) {
  for (; table->name; ++table) {
    napi_value fn;
    napi_create_function(env, table->name, NAPI_AUTO_LENGTH, call, const_cast<Binding*>(table), &fn);
    napi_set_named_property(env, exports, table->name, fn);
  }
}

}  // namespace

Napi::Object init(Napi::Env env, Napi::Object exports) {
#define SARAF_FAMILY(family) define(env, exports, bindings_##family);
#include "addon/families.inc"
#undef SARAF_FAMILY
  return exports;
}

}  // namespace saraf

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) { return saraf::init(env, exports); }
NODE_API_MODULE(saraf, InitModule)

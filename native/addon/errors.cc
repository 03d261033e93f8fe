#include "addon/errors.h"

namespace saraf {

namespace {
// One per environment: worker threads load the addon with a SarafError of their own.
struct Instance {
  napi_ref error_class = nullptr;
};
void release(napi_env env, void* data, void*) {
  Instance* instance = static_cast<Instance*>(data);
  if (instance->error_class) napi_delete_reference(env, instance->error_class);
  delete instance;
}
}  // namespace

void set_error_class(napi_env env, napi_value constructor) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  Instance* instance = static_cast<Instance*>(data);
  if (!instance) {
    instance = new Instance;
    napi_set_instance_data(env, instance, release, nullptr);
  }
  if (instance->error_class) napi_delete_reference(env, instance->error_class);
  instance->error_class = nullptr;
  if (napi_create_reference(env, constructor, 1, &instance->error_class) != napi_ok) instance->error_class = nullptr;
}

void throw_to_js(napi_env env, const Error& error) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  Instance* instance = static_cast<Instance*>(data);
  napi_value constructor, value, args[3];
  if (instance && instance->error_class && napi_get_reference_value(env, instance->error_class, &constructor) == napi_ok &&
      napi_create_string_utf8(env, error.code, NAPI_AUTO_LENGTH, &args[0]) == napi_ok &&
      napi_create_string_utf8(env, error.op.c_str(), error.op.size(), &args[1]) == napi_ok &&
      napi_create_string_utf8(env, error.message.c_str(), error.message.size(), &args[2]) == napi_ok &&
      napi_new_instance(env, constructor, 3, args, &value) == napi_ok) {
    napi_throw(env, value);
    return;
  }
  napi_throw_error(env, error.code, ("[" + error.op + "] " + error.message).c_str());
}

}  // namespace saraf

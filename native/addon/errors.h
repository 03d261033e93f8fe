// C++ errors become the JavaScript class handed over at load (SarafError).
#pragma once
#include <napi.h>

#include "core/error.h"

namespace saraf {
void set_error_class(napi_env env, napi_value constructor);
void throw_to_js(napi_env env, const Error& error);
}  // namespace saraf

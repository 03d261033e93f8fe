// The one error that native code throws; addon/errors.cc turns it into SarafError in JavaScript.
#pragma once
#include <string>
#include <utility>

namespace saraf {

struct Error {
  const char* code;  // ERR_SHAPE, ERR_ARG, … as in src/errors.ts
  std::string op;
  std::string message;
  Error(const char* code, std::string op, std::string message)
      : code(code), op(std::move(op)), message(std::move(message)) {}
};

}  // namespace saraf

// Just enough JSON to read a question: objects, arrays, strings, numbers, true, false, null.
#pragma once
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace peer {

class Json {
 public:
  static Json parse(const std::string& text) {
    const char* at = text.c_str();
    return value(at);
  }

  /** Absent fields read as null. */
  const Json& operator[](const std::string& name) const {
    static const Json null;
    const auto found = fields_.find(name);
    return found == fields_.end() ? null : found->second;
  }
  const std::vector<Json>& items() const { return items_; }
  const std::string& text() const { return text_; }
  double number() const { return number_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool truth() const { return number_ != 0; }

 private:
  enum class Kind { kNull, kNumber, kText, kArray, kObject };

  static void skip(const char*& at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') ++at;
  }
  static void expect(const char*& at, char c) {
    skip(at);
    if (*at != c) throw std::runtime_error(std::string("expected ") + c + " in the question, received: " + std::string(at).substr(0, 20));
    ++at;
  }
  static std::string string(const char*& at) {
    expect(at, '"');
    std::string out;
    // \u is not needed: questions hold names and paths, which JSON.stringify leaves as they are.
    while (*at != '"') {
      if (*at == '\0') throw std::runtime_error("expected an end of a string in the question");
      if (*at == '\\') ++at;
      out += *at++;
    }
    ++at;
    return out;
  }
  static Json value(const char*& at) {
    Json out;
    skip(at);
    if (*at == '"') {
      out.kind_ = Kind::kText;
      out.text_ = string(at);
    } else if (*at == '{') {
      out.kind_ = Kind::kObject;
      for (bool more = following(++at, '}'); more; more = following(at, '}')) {
        std::string name = string(at);
        expect(at, ':');
        out.fields_[name] = value(at);
      }
    } else if (*at == '[') {
      out.kind_ = Kind::kArray;
      for (bool more = following(++at, ']'); more; more = following(at, ']')) out.items_.push_back(value(at));
    } else if (*at == 't' || *at == 'f') {
      out.kind_ = Kind::kNumber;
      out.number_ = *at == 't';
      at += *at == 't' ? 4 : 5;
    } else if (*at == 'n') {
      at += 4;
    } else {
      char* end = nullptr;
      out.kind_ = Kind::kNumber;
      out.number_ = std::strtod(at, &end);
      if (end == at) throw std::runtime_error("expected JSON as the question, received: " + std::string(at).substr(0, 20));
      at = end;
    }
    return out;
  }
  /** Steps over a comma; false, and over the bracket, at the end. */
  static bool following(const char*& at, char close) {
    skip(at);
    if (*at == close) return ++at, false;
    if (*at == ',') ++at;
    return true;
  }

  Kind kind_ = Kind::kNull;
  double number_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::map<std::string, Json> fields_;
};

}  // namespace peer

// How the runtime and the data layer report failure: by value, never by exception, never by abort.
//
//   Result<Model> model = Model::open(path);
//   if (!model) { show(model.error().message); return; }
//   use(*model);
//
// Every message says what, where, why and what to do. Messages are for people; code branches on ErrorCode.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace noggin {

enum class ErrorCode {
  kInvalidArgument,  // the caller's value is wrong (bad size, null, unknown kernel set)
  kNotFound,         // a file does not exist
  kIo,               // reading or writing failed
  kCorrupt,          // a file violates a rule of its format
  kUnsupported,      // well formed, but needs a newer version or a feature that is not built in
  kBadData,          // more of the input data violates its contract than the stated budget allows
  kExists,           // refuses to overwrite
  kOutOfSpace,       // memory or disk
};

struct Error {
  ErrorCode code;
  std::string message;
};

// Either a T or an Error. Dereferencing a failed Result is a programmer error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  const T& operator*() const& { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

// The outcome of an operation that returns nothing: success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return !error_.has_value(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace noggin

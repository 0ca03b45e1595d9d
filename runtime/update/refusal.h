// Why an update was not taken: what a folder of updates offered is refused with a named reason, a fault of this device
// (a full disk, a state folder that cannot be written) is an Error as everywhere.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "noggin/result.h"
#include "noggin/update.h"

namespace noggin::update {

// kNone: a fault of this device.
struct Fault {
  Refusal reason = Refusal::kNone;
  Error error;
};

// Either a T or a Fault; used as Result<T> is.
template <typename T>
class [[nodiscard]] Offer {
 public:
  Offer(T value) : state_(std::move(value)) {}      // NOLINT: implicit on purpose
  Offer(Fault fault) : state_(std::move(fault)) {}  // NOLINT: implicit on purpose
  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &std::get<T>(state_); }
  const Fault& fault() const { return std::get<Fault>(state_); }

 private:
  std::variant<T, Fault> state_;
};

inline Fault refused(Refusal reason, std::string message) {
  return {reason, {ErrorCode::kBadData, std::move(message)}};
}
inline Fault of_device(Error error) { return {Refusal::kNone, std::move(error)}; }

// What a step that gives nothing came to.
struct Done {};

}  // namespace noggin::update

// Bytes that will be needed again, in any order: in memory as long as they are few, else in a temporary file that has
// no name, so that nothing of it is left however the process ends. Not thread-safe; move-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin::data {

class Spill {
 public:
  struct Place {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
  };
  static constexpr std::size_t kPadding = 64;  // readable bytes behind what get() returns
  static constexpr std::size_t kHeldBytes = std::size_t{8} << 20;

  // held_bytes: of the newest bytes, how many stay in memory. The file is made in the system's folder for such
  // (TMPDIR), readable by this user alone.
  explicit Spill(std::size_t held_bytes = kHeldBytes) : held_bytes_(held_bytes) {}
  Spill(Spill&& other) noexcept;
  Spill& operator=(Spill&&) = delete;
  ~Spill();

  // kOutOfSpace, kIo from the temporary file.
  Result<Place> add(std::string_view bytes);
  // Other bytes for a place, as many.
  Status replace(const Place& place, std::string_view bytes);
  // Valid until `buffer` changes.
  Result<std::string_view> get(const Place& place, std::string& buffer) const;

 private:
  Status write_out();
  Status write_at(std::uint64_t offset, std::string_view bytes) const;

  std::size_t held_bytes_;
  std::string newest_;         // the bytes from written_ on
  std::uint64_t written_ = 0;  // bytes in the file
  int descriptor_ = -1;        // -1: there is no file yet
};

}  // namespace noggin::data

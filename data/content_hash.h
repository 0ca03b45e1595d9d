// XXH3-64, the project's hash for detecting accidental damage and equal content (not for security).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace noggin::data {

// The content key stored with each row and used for duplicates and overlap. With n rows the chance that any two
// different texts share a key is about n^2 / 2^65: one in 37 at a billion rows, and then one row is dropped.
std::uint64_t content_key(std::string_view text);

std::uint64_t hash_bytes(const void* bytes, std::size_t size);

// The same hash over bytes that arrive in pieces.
class ContentHasher {
 public:
  ContentHasher();
  ContentHasher(ContentHasher&&) noexcept;
  ContentHasher& operator=(ContentHasher&&) noexcept;
  ~ContentHasher();
  void update(const void* bytes, std::size_t size);
  std::uint64_t digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace noggin::data

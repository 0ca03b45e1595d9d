// BLAKE2b (Aumasson and others 2013, RFC 7693) by libsodium: proves that bytes are those that were signed for.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace noggin::update {

inline constexpr std::size_t kHashDigits = 64;  // of hash_text: 32 bytes

// BLAKE2b-256 over bytes that arrive in pieces, in order.
class Blake2b {
 public:
  Blake2b();
  Blake2b(Blake2b&&) noexcept;
  ~Blake2b();
  void update(std::span<const std::byte> bytes);
  std::string text();  // 64 lower-case hexadecimal digits; the last call

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hash_text(std::span<const std::byte> bytes);

// `count` lower-case hexadecimal digits, nothing else.
bool is_hexadecimal(std::string_view text, std::size_t count);

// "0a1b..." of bytes.
std::string hexadecimal(std::span<const unsigned char> bytes);

}  // namespace noggin::update
